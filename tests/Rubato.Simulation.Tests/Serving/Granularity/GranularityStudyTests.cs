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
}
