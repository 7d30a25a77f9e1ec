using System.Net;
using Rubato.Core;
using Rubato.Hosting.Http;

namespace Rubato.Hosting.Configuration;

/// <summary>Checks <see cref="ServerOptions"/> before anything is built from them.</summary>
public static class ServerOptionsValidator
{
    /// <summary>Throws when a rule is broken.</summary>
    /// <exception cref="InvalidOptionException">At least one rule is broken; the message lists all of them.</exception>
    public static void Validate(ServerOptions options) => Throw([.. ServingOptionsValidator.FindErrors(options.Serving), .. FindErrors(options)]);

    /// <summary>Throws when a rule about listening is broken; does not look at the model.</summary>
    /// <exception cref="InvalidOptionException">At least one rule is broken; the message lists all of them.</exception>
    public static void ValidateListening(ServerOptions options) => Throw([
        .. ServingHttpOptionsValidator.FindErrors(options.Serving.Http), .. OptionRanges.FindErrors(options.Serving.Engine), .. FindErrors(options)]);

    private static IEnumerable<string> FindErrors(ServerOptions options)
    {
        foreach (var error in OptionRanges.FindErrors(options))
        {
            yield return error;
        }

        if (options.Address == "localhost")
        {
            if (options.Port == 0)
            {
                yield return "Port is 0 with address localhost: give a port, or the address 127.0.0.1.";
            }

            yield break;
        }

        if (!IPAddress.TryParse(options.Address.Trim('[', ']'), out var address))
        {
            yield return $"Address is '{options.Address}': write localhost or an address like 127.0.0.1, 0.0.0.0 or [::1].";
        }
        else if (!IPAddress.IsLoopback(address) && options.Serving.Http.ApiKeys.Count == 0 && !options.AllowUnauthenticated)
        {
            yield return $"Address {options.Address} can be reached from other machines and there is no API key:"
                + " give one (--api-key), listen on 127.0.0.1, or say that everybody may use the server (--allow-unauthenticated).";
        }
    }

    private static void Throw(IReadOnlyList<string> errors)
    {
        if (errors.Count > 0)
        {
            throw new InvalidOptionException(string.Join(" ", errors));
        }
    }
}
