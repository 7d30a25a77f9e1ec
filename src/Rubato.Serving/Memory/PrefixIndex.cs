using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Rubato.Core;

namespace Rubato.Serving.Memory;

/// <summary>Finds the block that holds given tokens after a given beginning, if there is one.</summary>
/// <remarks>
/// The hash is chained: it covers the tokens of the block and the hash of its parent. It only finds; what decides is the comparison of the
/// tokens and of the parent, which is the one object of its content, so that a collision costs time and never gives a wrong block.
/// The hash differs from process to process, which no plan depends on, and which keeps strangers from making collisions.
/// </remarks>
internal sealed class PrefixIndex
{
    private readonly HashSet<KvNode> _contents = new(Comparer.Instance);
    private readonly HashSet<KvNode>.AlternateLookup<BlockKey> _byKey;

    public PrefixIndex()
    {
        _byKey = _contents.GetAlternateLookup<BlockKey>();
    }

    public int Count => _contents.Count;

    public bool TryFind(BlockKey key, [MaybeNullWhen(false)] out KvNode content) => _byKey.TryGetValue(key, out content);

    /// <summary>Adds content that is not there yet.</summary>
    public KvNode Add(BlockKey key)
    {
        var content = Comparer.Instance.Create(key);
        content.IsIndexed = _contents.Add(content);
        Check.Invariant(content.IsIndexed, $"{content.Tokens.Length} tokens are indexed twice");
        return content;
    }

    public void Remove(KvNode content)
    {
        var removed = _contents.Remove(content);
        Check.Invariant(removed, $"the content of device block {content.Device}, swap block {content.Swap} is not indexed");
        content.IsIndexed = false;
    }

    private sealed class Comparer : IEqualityComparer<KvNode>, IAlternateEqualityComparer<BlockKey, KvNode>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(KvNode? x, KvNode? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(KeyOf(x), y));

        public int GetHashCode(KvNode content) => content.Hash;

        public bool Equals(BlockKey alternate, KvNode other) =>
            ReferenceEquals(alternate.Parent, other.Parent)
            && alternate.Tokens.SequenceEqual(other.Tokens)
            && string.Equals(alternate.Salt, other.Salt, StringComparison.Ordinal);

        public int GetHashCode(BlockKey alternate)
        {
            var hash = new HashCode();
            hash.Add(alternate.Parent?.Hash ?? alternate.Salt.GetHashCode(StringComparison.Ordinal));
            hash.AddBytes(MemoryMarshal.AsBytes(alternate.Tokens));
            return hash.ToHashCode();
        }

        public KvNode Create(BlockKey alternate) =>
            new(alternate.Parent, alternate.Salt, alternate.Tokens.ToArray(), GetHashCode(alternate));

        private static BlockKey KeyOf(KvNode content) => new(content.Parent, content.Salt, content.Tokens);
    }
}
