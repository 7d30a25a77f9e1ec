namespace Rubato.Serving.Memory.Arenas;

/// <summary>Groups of 2ᵏ blocks from a buddy system, for comparison: more is reserved, and what is freed grows together less.</summary>
/// <remarks>What an owner was given and does not use yet is spare, which others take when nothing is free: as many owners fit as with single blocks.</remarks>
internal sealed class BuddyAllocator(int total, GroupSizes sizes) : GroupingAllocator(BlockAllocators.Buddy, total, new BuddySpace(total), sizes)
{
    protected override bool Extends => false;
}
