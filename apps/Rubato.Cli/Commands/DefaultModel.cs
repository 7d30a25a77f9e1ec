using Rubato.Core;

namespace Rubato.Cli.Commands;

/// <summary>The model that ships with the program.</summary>
internal static class DefaultModel
{
    public const string FileName = "rubato-tiny.gguf";

    /// <summary>Its path.</summary>
    /// <exception cref="RubatoException">It is not where it was installed.</exception>
    public static string Find()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", FileName);
        return File.Exists(path)
            ? path
            : throw new RubatoException($"{path}: the model that ships with Rubato is missing; build again, or serve a file of yours with 'rubato serve FILE'.");
    }
}
