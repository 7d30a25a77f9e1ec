using Rubato.Core;
using Rubato.Serving.Memory.Arenas;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Tests.Memory.Arenas;

public sealed class GroupAllocatorTests
{
    private const long A = 1;
    private const long B = 2;
    private const long C = 3;
    private const long D = 4;

    /// <summary>The worked example of the design: 32 blocks, groups of 8, growth by 4.</summary>
    [Fact]
    public void WorkedExample_GivesTheseGroups()
    {
        var arena = new GroupAllocator(32, new(8, 4));
        Take(arena, A, 3);
        Expect(arena, "8…31", (A, "[0,8,3]"));

        var ofB = Take(arena, B, 10);
        Take(arena, C, 6);
        Expect(arena, "26…31", (B, "[8,10,10]"), (C, "[18,8,6]"));

        Assert.Equal([new(3, 5), new(26, 1)], Take(arena, A, 6));
        Expect(arena, "30…31", (A, "[0,8,8][26,4,1]"));

        ofB.ForEach(arena.Free);
        Take(arena, A, 4);
        Expect(arena, "8…17", (A, "[0,8,8][26,6,5]"), (B, ""));

        var ofD = Take(arena, D, 12);
        Expect(arena, "", (D, "[8,10,10][25,1,1][24,1,1]"), (C, "[18,6,6]"), (A, "[0,8,8][26,6,5]"));
        Assert.Equal((0, 1), (arena.FreeBlocks, arena.SpareBlocks));
        Assert.Equal([new(8, 0, 10), new(25, 10, 1), new(24, 11, 1)], CopiesTo(0, ofD));

        arena.Free(new(0, 31));
        Assert.Equal((32, 0), (arena.FreeBlocks, arena.SpareBlocks));
        Expect(arena, "0…31", (A, ""), (B, ""), (C, ""), (D, ""));
    }

    [Theory]
    [InlineData(new[] { 3, 4, 5, 9, 10, 2 }, new[] { 7, 8, 9, 10, 11, 12 }, "3→7:3 9→10:2 2→12:1")]
    [InlineData(new[] { 5, 6, 7, 8 }, new[] { 1, 2, 10, 11 }, "5→1:2 7→10:2")]
    public void WhatIsConsecutiveOnBothSides_IsOneCopy(int[] sources, int[] destinations, string expected)
    {
        var runs = new List<CopyRun>();
        foreach (var (source, destination) in sources.Zip(destinations))
        {
            CopyRuns.Append(runs, source, destination);
        }

        Assert.Equal(expected, string.Join(' ', runs.Select(run => $"{run.Source}→{run.Destination}:{run.Count}")));
    }

    [Fact]
    public void BlocksFreedFromTheMiddle_SplitTheGroupAndKeepItsSpare()
    {
        var arena = new GroupAllocator(32, new(8, 4));
        Take(arena, A, 6);
        arena.Free(new(2, 2));
        Expect(arena, "2…3 8…31", (A, "[0,2,2][4,4,2]"));
        Assert.Equal([new(6, 2)], Take(arena, A, 2));
    }

    [Fact]
    public void BlocksFreedFromTheEnd_TakeTheSpareAlong_AndTheOwnerGrowsWhereItStopped()
    {
        var arena = new GroupAllocator(32, new(8, 4));
        Take(arena, A, 6);
        arena.Free(new(4, 2));
        Expect(arena, "4…31", (A, "[0,4,4]"));
        Assert.Equal([new(4, 1)], Take(arena, A, 1));
        Expect(arena, "8…31", (A, "[0,8,5]"));
    }

    [Fact]
    public void AnOwnerWhoseLastGroupIsFreed_GrowsBehindTheOneBefore()
    {
        var arena = new GroupAllocator(32, new(4, 2));
        Take(arena, A, 4);
        Take(arena, B, 4);
        Assert.Equal([new(8, 1)], Take(arena, A, 1));
        arena.Free(new(4, 5));
        Expect(arena, "4…31", (A, "[0,4,4]"), (B, ""));
        Assert.Equal([new(4, 1)], Take(arena, A, 1));
        Expect(arena, "6…31", (A, "[0,6,5]"));
    }

    [Fact]
    public void AReserve_IsWhatFollows_AndCountsWhatIsThereAlready()
    {
        var arena = new GroupAllocator(32, new(8, 4));
        Take(arena, A, 6);
        arena.Reserve(A, 2);
        Expect(arena, "8…31", (A, "[0,8,6]"));
        arena.Reserve(A, 5);
        Expect(arena, "11…31", (A, "[0,11,6]"));
        Take(arena, B, 1);
        arena.Reserve(A, 100);
        Expect(arena, "19…31", (A, "[0,11,6]"), (B, "[11,8,1]"));
        arena.Reserve(C, 3);
        Expect(arena, "19…31", (C, ""));
    }

    [Fact]
    public void ATrimmedOwner_KeepsItsBlocksAndIsForgotten()
    {
        var arena = new GroupAllocator(32, new(8, 4));
        Take(arena, A, 6);
        arena.Trim(A);
        Expect(arena, "6…31", (A, ""));
        Assert.Equal([new(6, 3)], Take(arena, A, 3));
        Expect(arena, "14…31", (A, "[6,8,3]"));
        arena.Free(new(4, 3));
        Expect(arena, "4…6 14…31", (A, "[7,7,2]"));
        arena.Free(new(0, 4));
        arena.Trim(A);
        arena.Trim(A);
        Expect(arena, "0…6 9…31", (A, ""));
    }

    [Fact]
    public void UnderPressure_GroupsShrinkToOne_WhenAskedTo()
    {
        var arena = new GroupAllocator(100, new(8, 4) { ShrinkUnderPressure = true });
        Take(arena, A, 83);
        Take(arena, B, 1);
        Expect(arena, "91…99", (B, "[83,8,1]"));
        Take(arena, C, 1);
        Expect(arena, "92…99", (C, "[91,1,1]"));
    }

    [Fact]
    public void WithOccupancy_TheFirstGroupShrinks_WhenAskedTo()
    {
        var arena = new GroupAllocator(100, new(20, 4) { ShrinkWithOccupancy = true });
        Take(arena, A, 50);
        Take(arena, B, 1);
        Take(arena, C, 39);
        Take(arena, D, 1);
        Expect(arena, "", (B, "[50,10,1]"), (D, "[99,1,1]"));
        arena.Free(new(60, 39));
        Take(arena, C, 1);
        Expect(arena, "67…98", (C, "[60,7,1]"));
    }

    [Fact]
    public void FreeingWhatIsNotUsed_IsAProgrammersError()
    {
        var arena = new GroupAllocator(32, new(8, 4));
        Take(arena, A, 3);
        Assert.Throws<InvariantViolationException>(() => arena.Free(new(3, 1)));
        Assert.Throws<InvariantViolationException>(() => arena.Free(new(9, 1)));
        Assert.Throws<InvariantViolationException>(() => arena.Free(new(31, 2)));
        arena.Free(new(0, 3));
        Assert.Throws<InvariantViolationException>(() => arena.Free(new(0, 3)));
    }

    [Fact]
    public void AnArenaOfTheLargestSize_WorksToItsLastBlock()
    {
        var arena = new GroupAllocator(BlockAllocators.BlocksMax, new(16, 4));
        Assert.Equal([new(0, BlockAllocators.BlocksMax - 5)], Take(arena, A, BlockAllocators.BlocksMax - 5));
        Assert.Equal([new(BlockAllocators.BlocksMax - 5, 5)], Take(arena, B, 5));
        Assert.False(arena.TryAllocate(C, 1, []));
        arena.Free(new(0, BlockAllocators.BlocksMax));
        Assert.Equal(BlockAllocators.BlocksMax, arena.FreeBlocks);
    }

    private static List<BlockRun> Take(GroupAllocator arena, long owner, int count)
    {
        var granted = new List<BlockRun>();
        Assert.True(arena.TryAllocate(owner, count, granted));
        return granted;
    }

    private static void Expect(GroupAllocator arena, string free, params (long Owner, string Groups)[] owners)
    {
        Assert.Equal(free, string.Join(' ', arena.FreeGroups));
        Assert.All(owners, expected => Assert.Equal(expected.Groups, string.Concat(arena.GroupsOf(expected.Owner))));
    }

    private static List<CopyRun> CopiesTo(int destination, List<BlockRun> table)
    {
        var runs = new List<CopyRun>();
        foreach (var block in table.SelectMany(run => Enumerable.Range(run.Start, run.Count)))
        {
            CopyRuns.Append(runs, block, destination++);
        }

        return runs;
    }
}
