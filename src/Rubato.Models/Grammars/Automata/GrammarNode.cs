namespace Rubato.Models.Grammars.Automata;

/// <summary>One place in a compiled grammar.</summary>
internal enum GrammarNodeKind
{
    /// <summary>Waits for a byte (or a token).</summary>
    Wait,

    /// <summary>Goes to each of several nodes without reading.</summary>
    Split,

    /// <summary>Runs a rule, then goes on.</summary>
    Call,

    /// <summary>Runs its body a counted number of times, then goes on.</summary>
    Repeat,

    /// <summary>Ends the running rule or body.</summary>
    Return,
}

/// <summary>A way on from a waiting node: any byte from <paramref name="Low"/> to <paramref name="High"/> leads to <paramref name="Next"/>.</summary>
internal readonly record struct ByteEdge(byte Low, byte High, int Next);

/// <summary>A way on from a waiting node by one token that stands for no text.</summary>
internal readonly record struct TokenEdge(int Token, int Next);

/// <summary>A node; which fields count depends on the kind.</summary>
internal sealed class GrammarNode
{
    public required GrammarNodeKind Kind { get; init; }

    /// <summary>Wait: where bytes lead.</summary>
    public ByteEdge[] Bytes { get; set; } = [];

    /// <summary>Wait: where tokens lead.</summary>
    public TokenEdge[] Tokens { get; set; } = [];

    /// <summary>Wait: whether any control token passes and leads to <see cref="Next"/> (free text).</summary>
    public bool IsFree { get; init; }

    /// <summary>Split: where to.</summary>
    public int[] Targets { get; set; } = [];

    /// <summary>Call and Repeat: the first node of the rule or body.</summary>
    public int Body { get; set; }

    /// <summary>Call and Repeat: the node after it.</summary>
    public int Next { get; init; }

    /// <summary>Repeat: at least so often.</summary>
    public int Min { get; init; }

    /// <summary>Repeat: at most so often; <see cref="GrammarStack.Unbounded"/> for any number.</summary>
    public int Max { get; init; }

    /// <summary>Call: whether it is a level of nesting.</summary>
    public bool Nests { get; init; }

    /// <summary>Levels of nesting that any way from here to the end of the rule needs; <see cref="int.MaxValue"/> when there is no way.</summary>
    public int Height { get; set; } = int.MaxValue;
}
