namespace Rubato.Models.Grammars;

/// <summary>Bounds on what a schema may cost, so that none can use up the machine.</summary>
internal sealed record GrammarLimits
{
    public static GrammarLimits Default { get; } = new();

    /// <summary>Bytes of one schema.</summary>
    public int SchemaBytes { get; init; } = 256 * 1024;

    /// <summary>Subschemas visited, each place counted as often as it is used.</summary>
    public int Subschemas { get; init; } = 20_000;

    /// <summary>Units of work that the schemas of one request may come to (<see cref="GrammarWork"/>).</summary>
    public long SchemaUnits { get; init; } = 1_000_000;

    /// <summary>Units of work that the nodes of one grammar may come to.</summary>
    public long NodeUnits { get; init; } = 600_000;

    /// <summary>Subschemas inside each other while compiling.</summary>
    public int SchemaDepth { get; init; } = 64;

    /// <summary>Alternatives that anyOf beside other keywords, or several anyOf together, may come to.</summary>
    public int Alternatives { get; init; } = 256;

    /// <summary>Characters of a pattern.</summary>
    public int PatternLength { get; init; } = 1024;

    /// <summary>Groups inside each other in a pattern.</summary>
    public int PatternDepth { get; init; } = 32;

    /// <summary>Nodes of a compiled grammar.</summary>
    public int Nodes { get; init; } = 200_000;

    /// <summary>Objects and arrays inside each other in an output; readers of JSON stop at 64.</summary>
    public int Nesting { get; init; } = 48;

    /// <summary>Places followed for one byte of an output.</summary>
    public int StepsPerByte { get; init; } = 30_000;

    /// <summary>Places followed to find the tokens that may come next, when no state that they lead to is known.</summary>
    public int StepsPerMask { get; init; } = 400_000;

    /// <summary>States of an automaton remembered at once.</summary>
    public int States { get; init; } = 20_000;

    /// <summary>Stacks of an automaton remembered at once.</summary>
    public int Stacks { get; init; } = 50_000;
}
