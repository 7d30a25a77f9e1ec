namespace Rubato.Serving.Memory.Arenas;

/// <summary>Block groups of any size.</summary>
/// <remarks>
/// <para>An owner gets, in this order: its own spare; what is free right behind its last block; the smallest free run that holds a whole
/// group; the largest free runs, one after the other; and, when nothing is free, half of the largest spare of another owner, again and
/// again. So as many owners fit as with single blocks.</para>
/// <para>Source: Shen et al., "FastSwitch", 2024, arXiv:2411.18424 (the dynamic block group manager); the exact rules are ours.</para>
/// </remarks>
internal sealed class GroupAllocator : GroupingAllocator
{
    private readonly FreeRuns _free;

    public GroupAllocator(int total, GroupSizes sizes)
        : this(total, new FreeRuns(total), sizes)
    {
    }

    private GroupAllocator(int total, FreeRuns free, GroupSizes sizes)
        : base(BlockAllocators.Groups, total, free, sizes) => _free = free;

    /// <summary>All free runs in the order of their blocks; looks at every block.</summary>
    internal IEnumerable<BlockRun> FreeGroups => _free.All();

    protected override bool Extends => true;
}
