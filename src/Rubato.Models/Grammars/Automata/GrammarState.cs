namespace Rubato.Models.Grammars.Automata;

/// <summary>All places where a text so far may stand in the grammar. Immutable but for the memory of where bytes lead.</summary>
internal sealed class GrammarState(int[] nodes, GrammarStack[] stacks, bool accepts, bool isFree, int byteClasses)
{
    /// <summary>How many sets of characters states remember something about.</summary>
    public const int CharacterSets = 3;

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

    /// <summary>For each set of characters that is looked for: where all of them lead, null when to different states.</summary>
    public (bool IsKnown, GrammarState? Next)[] AfterCharacter { get; } = new (bool, GrammarState?)[CharacterSets];

    /// <summary>Where each class of bytes leads; null as long as nobody asked.</summary>
    public GrammarState?[] Next { get; } = new GrammarState?[byteClasses];
}
