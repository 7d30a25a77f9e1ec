using Rubato.Core;

namespace Rubato.Models.Files;

/// <summary>Where a user's programs keep what they can make again, by the rule of the XDG base directories.</summary>
public static class UserCacheFolder
{
    /// <summary>
    /// The folder for one kind of file: <c>$XDG_CACHE_HOME/rubato/KIND</c>, or <c>~/.cache/rubato/KIND</c> where the variable is not set or, as the rule has it,
    /// where its path is relative. It need not exist.
    /// </summary>
    /// <param name="kind">What is kept, a name for a folder.</param>
    /// <exception cref="RubatoException">Neither the variable nor the user's home is known.</exception>
    public static string For(string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (Path.IsPathFullyQualified(cache ?? ""))
        {
            return Path.Combine(cache!, "rubato", kind);
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0
            ? Path.Combine(home, ".cache", "rubato", kind)
            : throw new RubatoException($"Neither XDG_CACHE_HOME nor HOME is set: there is no folder to keep {kind} in.");
    }
}
