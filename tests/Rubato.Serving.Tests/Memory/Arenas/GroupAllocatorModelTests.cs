using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Tests.Memory.Arenas;

/// <summary>The fast allocator against the obvious one: the same blocks, the same groups, after every operation.</summary>
public sealed class GroupAllocatorModelTests
{
    private const long Owners = 6;

    [Fact]
    public void AnyOperations_GiveTheBlocksOfTheNaiveModel()
    {
        var worlds = FuzzScale.Times(300);
        var thefts = 0;
        for (var world = 0; world < worlds; world++)
        {
            thefts += RunWorld(new(Prng.Mix(0xA110C, (ulong)world)), world);
        }

        Assert.True(thefts > worlds, $"only {thefts} allocations in {worlds} worlds had to take spare of others");
    }

    /// <summary>How many allocations needed more than was free.</summary>
    private static int RunWorld(Prng prng, int world)
    {
        var total = prng.NextInt32(1, 120);
        var sizes = new GroupSizes(prng.NextInt32(1, 20), prng.NextInt32(1, 10))
        {
            ShrinkUnderPressure = prng.Chance(1, 4),
            ShrinkWithOccupancy = prng.Chance(1, 4),
        };
        var arena = new GroupAllocator(total, sizes);
        var model = new NaiveGroups(total, sizes);
        var granted = new List<BlockRun>();
        var thefts = 0;
        for (var step = 0; step < 200; step++)
        {
            var owner = prng.NextInt32((int)Owners);
            switch (prng.NextInt32(10))
            {
                case < 5:
                    var count = prng.Chance(1, 10) ? prng.NextInt32(1, total + 2) : prng.NextInt32(1, 12);
                    granted.Clear();
                    thefts += count > model.FreeBlocks ? 1 : 0;
                    var expected = model.Allocate(owner, count);
                    Assert.Equal(expected is not null, arena.TryAllocate(owner, count, granted));
                    Assert.Equal(expected ?? [], granted.SelectMany(run => Enumerable.Range(run.Start, run.Count)));
                    break;
                case < 8:
                    var start = prng.NextInt32(total);
                    var length = 0;
                    for (var most = prng.NextInt32(1, 20); length < most && model.IsUsed(start + length); length++)
                    {
                        model.Free(start + length);
                    }

                    if (length > 0)
                    {
                        arena.Free(new(start, length));
                    }

                    break;
                case < 9:
                    var reserve = prng.NextInt32(20);
                    model.Reserve(owner, reserve);
                    arena.Reserve(owner, reserve);
                    break;
                default:
                    model.Trim(owner);
                    arena.Trim(owner);
                    break;
            }

            AssertEqual(model, arena, $"world {world}, step {step}");
        }

        return thefts;
    }

    private static void AssertEqual(NaiveGroups model, GroupAllocator arena, string place)
    {
        Assert.True(
            model.FreeBlocks == arena.FreeBlocks && model.SpareBlocks == arena.SpareBlocks,
            $"{place}: {arena.FreeBlocks} free and {arena.SpareBlocks} spare, not {model.FreeBlocks} and {model.SpareBlocks}");
        Assert.True(model.FreeRuns().SequenceEqual(arena.FreeGroups), $"{place}: free are {string.Join(' ', arena.FreeGroups)}");
        for (var owner = 0L; owner < Owners; owner++)
        {
            Assert.True(model.GroupsOf(owner).SequenceEqual(arena.GroupsOf(owner)), $"{place}: owner {owner} has {string.Concat(arena.GroupsOf(owner))}");
        }
    }
}
