using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Who owns which KV block, in the most naive form: a map from block to owner. The reference for real allocators.</summary>
public sealed class BlockPoolModel(int blockCount)
{
    private readonly Dictionary<BlockId, RequestId> _owners = [];

    /// <summary>Blocks without an owner.</summary>
    public int Free => blockCount - _owners.Count;

    /// <summary>The owner of a block; null when it is free.</summary>
    public RequestId? OwnerOf(BlockId block) => _owners.TryGetValue(block, out var owner) ? owner : null;

    /// <summary>The blocks of an owner, in no particular order.</summary>
    public IReadOnlySet<BlockId> BlocksOf(RequestId owner) =>
        _owners.Where(pair => pair.Value == owner).Select(pair => pair.Key).ToHashSet();

    /// <summary>Gives a block an owner.</summary>
    /// <exception cref="InvariantViolationException">Somebody else owns it, or there is no such block.</exception>
    public void Hold(RequestId owner, BlockId block)
    {
        Check.Invariant(block.Value >= 0 && block.Value < blockCount, $"{block} of {blockCount} is given to {owner}");
        Check.Invariant(_owners.TryAdd(block, owner) || _owners[block] == owner, $"{block} of {_owners[block]} is given to {owner}");
    }

    /// <summary>Frees everything that <paramref name="owner"/> holds.</summary>
    public void Release(RequestId owner)
    {
        foreach (var block in BlocksOf(owner))
        {
            _owners.Remove(block);
        }
    }
}
