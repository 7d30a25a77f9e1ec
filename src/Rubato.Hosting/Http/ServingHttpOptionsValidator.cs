using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Security;

namespace Rubato.Hosting.Http;

/// <summary>Checks <see cref="ServingHttpOptions"/> before anything is built from them.</summary>
public static class ServingHttpOptionsValidator
{
    private const int ApiKeyLengthMin = 8;

    /// <summary>Every rule that <paramref name="options"/> break, one line each; empty when valid. Keys are never shown.</summary>
    public static IReadOnlyList<string> FindErrors(ServingHttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return
        [
            .. OptionRanges.FindErrors(options.Limits),
            .. options.ApiKeys
                .Where(key => key.Length < ApiKeyLengthMin || key.Any(char.IsWhiteSpace) || key.Any(char.IsControl))
                .Select(_ => $"An API key is shorter than {ApiKeyLengthMin} characters or holds white space: choose a longer one without."),
            .. options.AllowedOrigins
                .Where(origin => !RequestGate.IsOrigin(origin))
                .Select(origin => $"AllowedOrigins holds '{origin}': write scheme and host, with no path, like https://chat.example.org."),
        ];
    }

    /// <summary>Throws when a rule is broken.</summary>
    /// <exception cref="InvalidOptionException">At least one rule is broken; the message lists all of them.</exception>
    public static void Validate(ServingHttpOptions options)
    {
        var errors = FindErrors(options);
        if (errors.Count > 0)
        {
            throw new InvalidOptionException(string.Join(" ", errors));
        }
    }
}
