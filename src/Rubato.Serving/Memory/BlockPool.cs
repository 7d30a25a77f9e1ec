using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Serving.Memory;

/// <summary>The KV blocks of one executor: which are free. Freed blocks are handed out again last in, first out.</summary>
internal sealed class BlockPool(int blockCount)
{
    private readonly List<bool> _used = [];
    private readonly Stack<BlockId> _returned = new();

    public int Total => blockCount;

    public int Free => _returned.Count + (blockCount - _used.Count);

    /// <summary>Takes <paramref name="count"/> blocks; the caller has checked that as many are free.</summary>
    public ImmutableArray<BlockId> Allocate(int count)
    {
        Check.Invariant(count >= 0 && count <= Free, $"{count} blocks asked of {Free} free");
        var blocks = ImmutableArray.CreateBuilder<BlockId>(count);
        for (var i = 0; i < count; i++)
        {
            blocks.Add(AllocateOne());
        }

        return blocks.MoveToImmutable();
    }

    /// <summary>Gives blocks back, the first of the table on top, so that the next table starts where this one did.</summary>
    public void Release(ImmutableArray<BlockId> blocks)
    {
        for (var i = blocks.Length - 1; i >= 0; i--)
        {
            Check.Invariant(_used[blocks[i].Value], $"{blocks[i]} freed twice");
            _used[blocks[i].Value] = false;
            _returned.Push(blocks[i]);
        }
    }

    private BlockId AllocateOne()
    {
        if (!_returned.TryPop(out var block))
        {
            block = new(_used.Count);
            _used.Add(false);
        }

        Check.Invariant(!_used[block.Value], $"{block} handed out twice");
        _used[block.Value] = true;
        return block;
    }
}
