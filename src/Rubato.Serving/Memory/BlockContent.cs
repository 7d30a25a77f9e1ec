namespace Rubato.Serving.Memory;

/// <summary>What a full KV block holds: its tokens, after all those of its parent, under one salt. Equal content, equal keys and values.</summary>
internal sealed class BlockContent(BlockContent? parent, string salt, int[] tokens, int hash)
{
    /// <summary>The content of the block before; null for the first of a sequence.</summary>
    public BlockContent? Parent => parent;

    public string Salt => salt;

    public int[] Tokens => tokens;

    /// <summary>Over all tokens from the first of the sequence on.</summary>
    public int Hash => hash;

    /// <summary>Where it lies.</summary>
    public BlockId Block { get; set; }
}
