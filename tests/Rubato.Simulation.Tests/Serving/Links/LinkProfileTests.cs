using Rubato.Core;
using Rubato.Serving.Transfers;
using Rubato.Simulation.Serving.Links;

namespace Rubato.Simulation.Tests.Serving.Links;

public sealed class LinkProfileTests
{
    private static readonly ChannelProfile A10 = new(6e-6, 25e9);

    /// <summary>1,000 tokens are 63 blocks of 16: block by block, in groups of 20, in one group; and with planes side by side.</summary>
    [Theory]
    [InlineData(32, 63, 4032, 29.4768e-3)]
    [InlineData(32, 4, 256, 6.8208e-3)]
    [InlineData(32, 1, 64, 5.6688e-3)]
    [InlineData(64, 63, 8064, 58.9536e-3)]
    [InlineData(64, 4, 512, 13.6416e-3)]
    [InlineData(64, 1, 128, 11.3376e-3)]
    public void The_time_of_a_plan_is_that_of_its_calls_and_its_bytes(int layers, int runs, int calls, double seconds)
    {
        var link = LayerMajor(layers);
        Assert.Equal(calls, link.Planes * runs);
        AssertTime(calls, layers, seconds, link.SecondsOf(TransferDirection.Out, runs, 63));
        AssertTime(calls, layers, seconds, link.SecondsOf(TransferDirection.In, runs, 63));
    }

    [Theory]
    [InlineData(32, 5.6628e-3)]
    [InlineData(64, 10.9476e-3)]
    public void Blocks_that_lie_in_one_piece_need_one_call_each(int layers, double seconds)
    {
        var link = LayerMajor(layers).AsBlockMajor();
        Assert.Equal(1, link.Planes);
        Assert.Equal(LayerMajor(layers).BlockBytes, link.PlaneBytes);
        AssertTime(63, layers, seconds, link.SecondsOf(TransferDirection.Out, 63, 63));
    }

    /// <summary>The vectors have four decimals of a millisecond; the formula, in whole numbers, has all.</summary>
    private static void AssertTime(int calls, int layers, double vector, double seconds)
    {
        var nanoseconds = calls * 6_000 + 63L * 2 * layers * 32_768 / 25.0;
        Assert.Equal(1, seconds / (nanoseconds / 1e9), 1e-9);
        Assert.Equal(vector, seconds, 0.5e-7);
    }

    [Theory]
    [InlineData(32, 4.48)]
    [InlineData(128, 11.66)]
    [InlineData(320, 17.15)]
    [InlineData(2048, 23.33)]
    public void Small_copies_reach_a_part_of_the_bandwidth(int kibibytes, double gigabytesPerSecond) =>
        Assert.Equal(gigabytesPerSecond, A10.EffectiveBytesPerSecond(kibibytes * 1024.0) / 1e9, 0.005);

    [Fact]
    public void The_fit_reproduces_the_measured_curve()
    {
        var (toHost, toDevice) = (new ChannelProfile(3.35e-6, 50.2e9), new ChannelProfile(3.5e-6, 52.4e9));
        foreach (var (kibibytes, measuredOut, measuredIn) in H100Curve.Points.Where(point => point.Kibibytes >= 8))
        {
            Assert.InRange(toHost.EffectiveBytesPerSecond(kibibytes * 1024.0) / 1e9 / measuredOut, 0.9, 1.1);
            Assert.InRange(toDevice.EffectiveBytesPerSecond(kibibytes * 1024.0) / 1e9 / measuredIn, 0.9, 1.1);
        }
    }

    [Fact]
    public void The_oracle_moves_anything_in_no_time() => Assert.Equal(0, LayerMajor(32).AsZeroCost().SecondsOf(TransferDirection.In, 1000, 1_000_000));

    [Fact]
    public void Groups_gain_at_most_what_calls_cost()
    {
        // (t0 + c/B) / (t0/g + c/B), with the limit 1 + t0·B/c.
        var link = LayerMajor(32);
        var limit = 1 + 6e-6 * 25e9 / 32768;
        var before = 1.0;
        for (var group = 1; group <= 1 << 20; group *= 2)
        {
            var gain = link.SecondsOf(TransferDirection.Out, 1 << 20, 1 << 20) / link.SecondsOf(TransferDirection.Out, (1 << 20) / group, 1 << 20);
            Assert.InRange(gain, before, limit);
            before = gain;
        }

        Assert.Equal(limit, before, 1e-3);
    }

    [Fact]
    public void Values_out_of_range_are_named()
    {
        var error = Assert.Throws<InvalidFormatException>(() => (LayerMajor(32) with { DuplexFactor = 1.5 }).Validated("p.json"));
        Assert.Equal("p.json: link.duplexFactor is 1.5; it must be (0, 1].", error.Message);
    }

    internal static LinkProfile LayerMajor(int layers) => new() { Out = A10, In = A10, DuplexFactor = 0.83, Planes = 2 * layers, PlaneBytes = 16 * 8 * 128 * 2 };
}
