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
    private readonly HashSet<BlockContent> _contents = new(Comparer.Instance);
    private readonly HashSet<BlockContent>.AlternateLookup<BlockKey> _byKey;

    public PrefixIndex()
    {
        _byKey = _contents.GetAlternateLookup<BlockKey>();
    }

    public int Count => _contents.Count;

    public bool TryFind(BlockKey key, [MaybeNullWhen(false)] out BlockContent content) => _byKey.TryGetValue(key, out content);

    /// <summary>Adds content that is not there yet.</summary>
    public BlockContent Add(BlockKey key, BlockId block)
    {
        var content = Comparer.Instance.Create(key);
        content.Block = block;
        Check.Invariant(_contents.Add(content), $"the content of {block} is indexed twice");
        return content;
    }

    public void Remove(BlockContent content)
    {
        var removed = _contents.Remove(content);
        Check.Invariant(removed, $"the content of {content.Block} is not indexed");
    }

    private sealed class Comparer : IEqualityComparer<BlockContent>, IAlternateEqualityComparer<BlockKey, BlockContent>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(BlockContent? x, BlockContent? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(KeyOf(x), y));

        public int GetHashCode(BlockContent content) => content.Hash;

        public bool Equals(BlockKey alternate, BlockContent other) =>
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

        public BlockContent Create(BlockKey alternate) =>
            new(alternate.Parent, alternate.Salt, alternate.Tokens.ToArray(), GetHashCode(alternate));

        private static BlockKey KeyOf(BlockContent content) => new(content.Parent, content.Salt, content.Tokens);
    }
}
