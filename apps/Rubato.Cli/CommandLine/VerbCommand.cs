using System.CommandLine;

namespace Rubato.Cli.CommandLine;

/// <summary>A verb of the command line, with the examples that its help page ends with.</summary>
internal class VerbCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Whole command lines that work as they stand.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
