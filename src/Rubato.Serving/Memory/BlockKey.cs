namespace Rubato.Serving.Memory;

/// <summary>A content to look for, before anybody has made an object of it.</summary>
internal readonly ref struct BlockKey(KvNode? parent, string salt, ReadOnlySpan<int> tokens)
{
    public KvNode? Parent => parent;

    public string Salt => salt;

    public ReadOnlySpan<int> Tokens { get; } = tokens;
}
