using Rubato.Core;
using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Benchmarks;
using Rubato.Kernels.Attention;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class SwitchBenchmarkTests
{
    /// <summary>The counts that the measured times belong to are exact: runs times planes, calls where the file goes on elsewhere or a slice is full.</summary>
    [Theory]
    [InlineData(SwapTierKind.Ram, KvLayout.BlockMajor)]
    [InlineData(SwapTierKind.Ram, KvLayout.LayerMajor)]
    [InlineData(SwapTierKind.File, KvLayout.BlockMajor)]
    [InlineData(SwapTierKind.File, KvLayout.LayerMajor)]
    public void Run_EachTierAndLayout_CountsRunsTimesPlanes(SwapTierKind tier, KvLayout layout)
    {
        var options = new SwitchBenchmarkOptions
        {
            Tier = tier,
            Path = Path.GetTempPath(),
            Layout = layout,
            Shape = new(3, 2, 16, 16, KvFormat.F32),
            ContextTokens = 100,
            GroupBlocks = 3,
            Runs = 2,
        };
        using var benchmark = new SwitchBenchmark(options);
        var shares = new List<double>();
        var result = benchmark.Run(shares.Add);
        Assert.Equal([0, 0.5, 1], shares);
        var planes = layout == KvLayout.BlockMajor ? 1 : 6;
        Assert.Equal((7, planes, 7L * 3 * 2 * 2 * 16 * 16 * 4), (result.Blocks, result.Planes, result.Bytes));
        Assert.Equal((7, 7L * planes), (result.BlockByBlock.Runs, result.BlockByBlock.Copies));
        Assert.Equal((7, 7L * planes), (result.Gathered.Runs, result.Gathered.Copies));
        Assert.Equal((3, 3L * planes), (result.Groups.Runs, result.Groups.Copies));
        Assert.Equal((7L * planes, 7L * planes), (result.BlockByBlock.CallsOut, result.BlockByBlock.CallsIn));
        Assert.Equal(tier == SwapTierKind.File ? planes : 7 * planes, result.Gathered.CallsOut);
        Assert.Equal(3 * planes, result.Groups.CallsIn);
        Assert.InRange(result.Groups.Both.Median, result.Groups.Both.Lowest, result.Groups.Both.Highest);
        Assert.True(result.GroupSpeedup > 0);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData((1 << 20) + 1, 1, 1)]
    [InlineData(1 << 20, 1, 1)]
    [InlineData(10, 0, 1)]
    [InlineData(10, 1, 0)]
    public void Constructor_NumberOutOfRangeOrMemory_IsOneClearLine(int context, int group, int runs)
    {
        var options = new SwitchBenchmarkOptions { ContextTokens = context, GroupBlocks = group, Runs = runs, Shape = new(1000, 8, 128, 16, KvFormat.F32) };
        var error = Assert.Throws<InvalidOptionException>(() => new SwitchBenchmark(options));
        Assert.DoesNotContain('\n', error.Message);
    }
}
