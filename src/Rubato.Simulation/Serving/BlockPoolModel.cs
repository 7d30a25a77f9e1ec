using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Who holds which KV block, in the most naive form: a block table per holder. The reference for real allocators.</summary>
public sealed class BlockPoolModel(int blockCount)
{
    private readonly Dictionary<RequestId, HashSet<BlockId>> _tables = [];

    /// <summary>Blocks that nobody holds.</summary>
    public int Free => blockCount - _tables.Values.SelectMany(blocks => blocks).Distinct().Count();

    /// <summary>Entries of all tables.</summary>
    public long References => _tables.Values.Sum(blocks => (long)blocks.Count);

    /// <summary>Who holds a block.</summary>
    public IReadOnlySet<RequestId> HoldersOf(BlockId block) =>
        _tables.Where(table => table.Value.Contains(block)).Select(table => table.Key).ToHashSet();

    /// <summary>The blocks of a holder, in no particular order.</summary>
    public IReadOnlySet<BlockId> BlocksOf(RequestId holder) => _tables.TryGetValue(holder, out var blocks) ? blocks : [];

    /// <summary>Gives a holder these blocks in place of those that it had.</summary>
    /// <exception cref="InvariantViolationException">There is no such block, or one is listed twice.</exception>
    public void Hold(RequestId holder, IReadOnlyCollection<BlockId> blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var table = blocks.ToHashSet();
        Check.Invariant(table.Count == blocks.Count, $"{holder} has a block twice");
        foreach (var block in table)
        {
            Check.Invariant(block.Value >= 0 && block.Value < blockCount, $"{block} of {blockCount} is given to {holder}");
        }

        _tables[holder] = table;
    }

    /// <summary>Everything that <paramref name="holder"/> holds is held by one less.</summary>
    public void Release(RequestId holder) => _tables.Remove(holder);

    /// <summary>The blocks that at least two hold.</summary>
    public IReadOnlySet<BlockId> Shared()
    {
        var (seen, shared) = (new HashSet<BlockId>(), new HashSet<BlockId>());
        foreach (var block in _tables.Values.SelectMany(blocks => blocks))
        {
            if (!seen.Add(block))
            {
                shared.Add(block);
            }
        }

        return shared;
    }
}
