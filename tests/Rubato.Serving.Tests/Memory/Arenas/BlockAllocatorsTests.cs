using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Tests.Memory.Arenas;

public sealed class BlockAllocatorsTests
{
    public static TheoryData<string> Names => [.. BlockAllocators.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void EachName_MakesItsAllocator(string name)
    {
        var arena = BlockAllocators.Create(name, 100);
        Assert.Equal((name, 100, 100, 0), (arena.Name, arena.Total, arena.FreeBlocks, arena.SpareBlocks));
    }

    [Fact]
    public void AnUnknownName_IsAnsweredWithThoseThatAre()
    {
        var error = Assert.Throws<InvalidOptionException>(() => BlockAllocators.Create("slab\n", 100));
        Assert.Equal("The block allocator 'slab\\u000a' is not known; use one of: groups, buddy, stack.", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(BlockAllocators.BlocksMax + 1)]
    public void AnArenaOutOfRange_IsRefused(int total) =>
        Assert.Throws<InvalidOptionException>(() => BlockAllocators.Create("groups", total));

    [Theory]
    [InlineData("60/16", 60, 16)]
    [InlineData("1/1", 1, 1)]
    public void Sizes_AreReadAsTheyAreWritten(string text, int initial, int growth)
    {
        var sizes = GroupSizes.Parse(text);
        Assert.Equal(new(initial, growth), sizes);
        Assert.Equal(text, sizes.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("16")]
    [InlineData("16/4/2")]
    [InlineData("0/4")]
    [InlineData("16/-4")]
    [InlineData("16/99999999999")]
    [InlineData("16/1048577")]
    public void OtherSizes_AreRefusedInOneLine(string text) =>
        Assert.DoesNotContain('\n', Assert.Throws<InvalidOptionException>(() => GroupSizes.Parse(text)).Message);

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSameOperationsAgain_AllocateNothing(string name)
    {
        var arena = BlockAllocators.Create(name, 2000);
        var granted = new List<BlockRun>();
        Churn(arena, granted);
        Churn(arena, granted);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Churn(arena, granted);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2000, arena.FreeBlocks);
    }

    [Fact]
    public void TheStack_GivesTheHighestFirst_AndWhatWasFreedLast()
    {
        var arena = BlockAllocators.Create(BlockAllocators.Stack, 10);
        var granted = new List<BlockRun>();
        Assert.True(arena.TryAllocate(1, 3, granted));
        Assert.Equal([new(9, 1), new(8, 1), new(7, 1)], granted);
        arena.Free(new(8, 1));
        arena.Free(new(9, 1));
        Assert.True(arena.TryAllocate(2, 3, granted));
        Assert.Equal([new(9, 1), new(8, 1), new(6, 1)], granted[3..]);
        Assert.Throws<InvariantViolationException>(() => arena.Free(new(5, 1)));
    }

    [Fact]
    public void Buddies_ReservePowersOfTwo_AndGrowTogetherWithTheirOtherHalvesOnly()
    {
        var arena = BlockAllocators.Create(BlockAllocators.Buddy, 24, new(1, 1));
        var granted = new List<BlockRun>();
        Assert.True(arena.TryAllocate(1, 3, granted));
        Assert.True(arena.TryAllocate(2, 5, granted));
        Assert.Equal([new(16, 3), new(0, 5)], granted);
        Assert.Equal((12, 4), (arena.FreeBlocks, arena.SpareBlocks));
        arena.Reserve(2, 5);
        Assert.Equal((10, 6), (arena.FreeBlocks, arena.SpareBlocks));
        Assert.True(arena.TryAllocate(2, 5, granted));
        Assert.Equal(new(5, 5), granted[^1]);
        Assert.True(arena.TryAllocate(3, 11, granted));
        Assert.Equal((0, 0), (arena.FreeBlocks, arena.SpareBlocks));
    }

    private static void Churn(IBlockAllocator arena, List<BlockRun> granted)
    {
        granted.Clear();
        for (var round = 0; round < 40; round++)
        {
            for (var owner = 0; owner < 20; owner++)
            {
                arena.TryAllocate(owner, 1 + (owner * round % 7), granted);
                arena.Reserve(owner, round);
            }
        }

        foreach (var run in granted)
        {
            arena.Free(run);
        }

        arena.Trim(3);
    }
}
