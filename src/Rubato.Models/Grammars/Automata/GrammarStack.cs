namespace Rubato.Models.Grammars.Automata;

/// <summary>What waits for a rule or body to end: the node that ran it, and for a repetition how often the body must and may still run.</summary>
internal readonly record struct GrammarFrame(int Node, int MinLeft, int MaxLeft, GrammarStack Parent);

/// <summary>
/// A set of stacks in one immutable value: stacks with the same top share it, so sets that would grow exponentially stay small. Made by
/// <see cref="GrammarStacks"/>, where equal sets are the same object.
/// </summary>
internal sealed class GrammarStack(long id, bool holdsEmpty, GrammarFrame[] frames, int depth, int counter)
{
    /// <summary>A count without limit.</summary>
    public const int Unbounded = int.MaxValue;

    public long Id => id;

    /// <summary>Whether the empty stack is in the set: the whole grammar may end here.</summary>
    public bool HoldsEmpty => holdsEmpty;

    /// <summary>The tops, in order of node and counts.</summary>
    public GrammarFrame[] Frames => frames;

    /// <summary>Levels of nesting of the deepest stack.</summary>
    public int Depth => depth;

    /// <summary>The largest bounded count in any stack.</summary>
    public int Counter => counter;
}
