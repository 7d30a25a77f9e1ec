namespace Rubato.Models.Grammars.Automata;

/// <summary>All places where a text so far may stand in the grammar. Immutable but for the memory of where bytes lead.</summary>
internal sealed class GrammarState(int[] nodes, GrammarStack[] stacks, bool accepts, bool isFree, int byteClasses)
{
    /// <summary>The waiting nodes, rising.</summary>
    public int[] Nodes => nodes;

    /// <summary>The stacks of each node.</summary>
    public GrammarStack[] Stacks => stacks;

    /// <summary>Whether the text may end here.</summary>
    public bool Accepts => accepts;

    /// <summary>Whether the text is free here: control tokens pass.</summary>
    public bool IsFree => isFree;

    /// <summary>Whether nothing can follow.</summary>
    public bool IsFinal => nodes.Length == 0;

    /// <summary>Neither complete nor to be completed: the text has left the grammar.</summary>
    public bool IsDead => nodes.Length == 0 && !accepts;

    /// <summary>Where any plain character leads, if all lead to one state; counts once <see cref="IsPlainKnown"/>.</summary>
    public GrammarState? Plain { get; set; }

    /// <summary>Whether <see cref="Plain"/> has been found out.</summary>
    public bool IsPlainKnown { get; set; }

    /// <summary>Where each class of bytes leads; null as long as nobody asked.</summary>
    public GrammarState?[] Next { get; } = new GrammarState?[byteClasses];
}
