using System.Collections;
using Rubato.Core;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>Single blocks from a stack: the block that was freed last is given first; blocks never given before come from the highest down.</summary>
/// <remarks>The free list of vLLM up to 0.3 (vllm/core/block_manager.py), and the baseline: tables scatter as owners come and go.</remarks>
internal sealed class StackAllocator(int total) : IBlockAllocator
{
    /// <summary>Lie above the blocks that were never given.</summary>
    private readonly Stack<int> _returned = new();
    private readonly BitArray _used = new(total);
    private int _neverGiven = total;

    public string Name => BlockAllocators.Stack;

    public int Total => _used.Length;

    public int FreeBlocks => _neverGiven + _returned.Count;

    public int SpareBlocks => 0;

    public bool TryAllocate(long owner, int count, List<BlockRun> granted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(granted);
        if (count > FreeBlocks)
        {
            return false;
        }

        var before = granted.Count;
        for (; count > 0; count--)
        {
            var block = _returned.TryPop(out var returned) ? returned : --_neverGiven;
            _used[block] = true;
            if (granted.Count > before && granted[^1].End == block)
            {
                granted[^1] = granted[^1] with { Count = granted[^1].Count + 1 };
            }
            else
            {
                granted.Add(new(block, 1));
            }
        }

        return true;
    }

    public void Free(BlockRun run)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(run.Count, 1, nameof(run));
        for (var block = run.Start; block < run.End; block++)
        {
            Check.Invariant(block >= 0 && block < Total && _used[block], $"block {block} is freed and not used");
            _used[block] = false;
            _returned.Push(block);
        }
    }

    public void Reserve(long owner, int count)
    {
    }

    public void Trim(long owner)
    {
    }
}
