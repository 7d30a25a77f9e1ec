using Rubato.Core;
using Rubato.Serving.Memory.Arenas;
using Rubato.Simulation.Serving.Granularity;

namespace Rubato.Simulation.Tests.Serving.Granularity;

public sealed class GranularityStudyTests
{
    /// <summary>What the design promises at nine tenths of the device: groups of 60/16 about 20 blocks a copy, 16/4 more, single blocks none.</summary>
    [Theory]
    [InlineData("groups", "60/16", 12, double.PositiveInfinity)]
    [InlineData("groups", "16/4", 20, double.PositiveInfinity)]
    [InlineData("stack", "16/4", 1, 1.5)]
    public void CopiesAtNineTenths_AreAsLargeAsPromised(string allocator, string groups, double least, double most)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var result = GranularityStudy.Run(new() { Allocator = allocator, Groups = GroupSizes.Parse(groups), Seed = seed });
            Assert.InRange(result.MeanRunBlocks, least, most);
            Assert.InRange(result.Occupancy, 0.85, 0.9);
        }
    }

    [Fact]
    public void LargeInitialGroups_StayUsefulInAFullArena_WhenTheyShrink()
    {
        var fixedSizes = new GroupSizes(60, 16);
        var full = new GranularityParameters { Occupancy = 0.97, Groups = fixedSizes };
        var shrinking = GranularityStudy.Run(full with { Groups = fixedSizes with { ShrinkWithOccupancy = true } });
        Assert.True(shrinking.MeanRunBlocks > 1.3 * GranularityStudy.Run(full).MeanRunBlocks);
    }

    [Fact]
    public void TheSameSeed_IsTheSameRun_AndAnotherIsNot()
    {
        var parameters = new GranularityParameters { Rounds = 40, Seed = 7 };
        Assert.Equal(GranularityStudy.Run(parameters), GranularityStudy.Run(parameters));
        Assert.NotEqual(GranularityStudy.Run(parameters), GranularityStudy.Run(parameters with { Seed = 8 }));
    }

    /// <summary>Whatever the allocator reserves: as many contexts fit, so the same blocks move.</summary>
    [Fact]
    public void EveryAllocator_MovesTheSameContexts()
    {
        var results = BlockAllocators.Names
            .Select(name => GranularityStudy.Run(new() { Allocator = name, Occupancy = 0.97, Rounds = 60 }))
            .Select(result => (result.Switches, result.Blocks, result.Occupancy))
            .Distinct();
        Assert.Single(results);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(double.NaN, 10)]
    [InlineData(0.5, 0)]
    public void ParametersOutOfRange_AreRefused(double occupancy, int rounds) =>
        Assert.Throws<InvalidOptionException>(() => GranularityStudy.Run(new() { Occupancy = occupancy, Rounds = rounds }));
}
