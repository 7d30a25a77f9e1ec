namespace Rubato.Serving.Memory;

/// <summary>
/// What a KV block holds: its tokens, after all those of its parent, under one salt. Equal content, equal keys and values. It has a home in
/// the device arena, in the swap arena, or in both; without one it is gone.
/// </summary>
internal sealed class KvNode
{
    public KvNode(KvNode? parent, string salt, int[] tokens, int hash)
    {
        (Parent, Salt, Tokens, Hash) = (parent, salt, tokens, hash);
        SwapPlace = new(this);
    }

    /// <summary>The content of the block before; null for the first of a sequence.</summary>
    public KvNode? Parent { get; }

    public string Salt { get; }

    public int[] Tokens { get; }

    /// <summary>Over all tokens from the first of the sequence on.</summary>
    public int Hash { get; }

    /// <summary>Its device block; −1 for none.</summary>
    public int Device { get; set; } = -1;

    /// <summary>Its swap block; −1 for none. What is in it may be believed when <see cref="SwapTicket"/> is 0.</summary>
    public int Swap { get; set; } = -1;

    /// <summary>The transfer that writes the swap block; 0 for none.</summary>
    public long SwapTicket { get; set; }

    /// <summary>Transfers that read the swap block.</summary>
    public int SwapReaders { get; set; }

    /// <summary>Live sequences that have it in their chain.</summary>
    public int Users { get; set; }

    /// <summary>The conversation that made it: what belongs together lies together.</summary>
    public long Conversation { get; set; }

    /// <summary>Whose it is, for fair shares of the memory that nobody holds.</summary>
    public string Client { get; set; } = "";

    /// <summary>Whether it waits among the swap copies that no live sequence needs.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether nobody will ever look for it again: its homes are freed as soon as nothing moves it.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Whether the bulk lane has it on its list.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the index finds it: full blocks, while they have a home.</summary>
    public bool IsIndexed { get; set; }

    /// <summary>Its place among the swap copies that no live sequence needs.</summary>
    public LinkedListNode<KvNode> SwapPlace { get; }

    public bool HasSwapCopy => Swap >= 0 && SwapTicket == 0;

    public bool HasHome => Device >= 0 || Swap >= 0;
}
