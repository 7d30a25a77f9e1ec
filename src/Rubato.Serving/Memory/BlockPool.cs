using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Serving.Memory;

/// <summary>The KV blocks of one executor: who holds them, which are free, and what the full ones contain.</summary>
/// <remarks>
/// A block is held by one or more sequences, by more than one only when its content is published. A block that nobody holds is free; when
/// its content is published it waits, in the order of release, and can be held again until its memory is needed for something else. Handed
/// out are, in this order: returned blocks without content, last in, first out; blocks never used; the content that was
/// released the longest ago.
/// </remarks>
internal sealed class BlockPool(int blockCount)
{
    private readonly List<Slot> _slots = [];
    private readonly Stack<Slot> _returned = new();
    private readonly LinkedList<Slot> _unheldContent = new();
    private readonly PrefixIndex _index = new();

    public int Total => blockCount;

    /// <summary>Blocks that nobody holds, with content or without.</summary>
    public int Free => _returned.Count + _unheldContent.Count + (blockCount - _slots.Count);

    /// <summary>Blocks that nobody holds and whose content can still be found.</summary>
    public int FreeWithContent => _unheldContent.Count;

    /// <summary>Entries of block tables over all holders: a block held by two counts twice.</summary>
    public long References { get; private set; }

    /// <summary>Takes <paramref name="count"/> blocks without content; the caller has checked that as many are free.</summary>
    public ImmutableArray<BlockId> Allocate(int count)
    {
        Check.Invariant(count >= 0 && count <= Free, $"{count} blocks asked of {Free} free");
        var blocks = ImmutableArray.CreateBuilder<BlockId>(count);
        for (var i = 0; i < count; i++)
        {
            var slot = TakeOne();
            Check.Invariant(slot.Holders == 0 && slot.Content is null, $"{slot.Id} handed out with {slot.Holders} holders");
            AddHolder(slot);
            blocks.Add(slot.Id);
        }

        return blocks.MoveToImmutable();
    }

    /// <summary>One holder less for each block. The first of the table is the last to lose its content, for the others are of no use without it.</summary>
    public void Release(ImmutableArray<BlockId> blocks)
    {
        for (var i = blocks.Length - 1; i >= 0; i--)
        {
            Release(_slots[blocks[i].Value]);
        }
    }

    /// <summary>The content of a block; null when it is not published.</summary>
    public BlockContent? ContentOf(BlockId block) => _slots[block.Value].Content;

    /// <summary>The block with this content, or null.</summary>
    public BlockContent? Find(BlockKey key) => _index.TryFind(key, out var content) ? content : null;

    /// <summary>Whether nobody holds the block.</summary>
    public bool IsFree(BlockId block) => _slots[block.Value].Holders == 0;

    /// <summary>One more holder of a block whose content is published.</summary>
    public void Hold(BlockId block)
    {
        var slot = _slots[block.Value];
        Check.Invariant(slot.Content is not null, $"{block} is shared without content");
        if (slot.Holders == 0)
        {
            _unheldContent.Remove(slot.Place);
        }

        AddHolder(slot);
    }

    /// <summary>Says what a held block contains, from now on unchanged.</summary>
    /// <returns>The block to use: this one, or one that had the same content before, which takes over the caller's hold.</returns>
    public BlockId Publish(BlockId block, BlockKey key)
    {
        var slot = _slots[block.Value];
        Check.Invariant(slot.Holders == 1 && slot.Content is null, $"{block} of {slot.Holders} holders is published twice");
        if (_index.TryFind(key, out var same))
        {
            Hold(same.Block);
            Release(slot);
            return same.Block;
        }

        slot.Content = _index.Add(key, block);
        return block;
    }

    private void AddHolder(Slot slot)
    {
        slot.Holders++;
        References++;
    }

    private void Release(Slot slot)
    {
        Check.Invariant(slot.Holders > 0, $"{slot.Id} freed twice");
        References--;
        if (--slot.Holders > 0)
        {
            return;
        }

        if (slot.Content is null)
        {
            _returned.Push(slot);
        }
        else
        {
            _unheldContent.AddLast(slot.Place);
        }
    }

    private Slot TakeOne()
    {
        if (_returned.TryPop(out var returned))
        {
            return returned;
        }

        if (_slots.Count < blockCount)
        {
            _slots.Add(new(new(_slots.Count)));
            return _slots[^1];
        }

        var oldest = _unheldContent.First!.Value;
        _unheldContent.RemoveFirst();
        _index.Remove(oldest.Content!);
        oldest.Content = null;
        return oldest;
    }

    /// <summary>The state of one block; made when it is first used.</summary>
    private sealed class Slot
    {
        public Slot(BlockId id)
        {
            Id = id;
            Place = new(this);
        }

        public BlockId Id { get; }

        public int Holders { get; set; }

        public BlockContent? Content { get; set; }

        /// <summary>Its place among the content that nobody holds.</summary>
        public LinkedListNode<Slot> Place { get; }
    }
}
