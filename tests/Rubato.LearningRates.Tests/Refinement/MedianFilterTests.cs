using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Tests.Refinement;

public sealed class MedianFilterTests
{
    [Fact]
    public void A_worked_example()
    {
        double[] values = [9, 8, 50, 7, 6, 5, 4.5, 4, 3.5, 3, 2.9, 30, 2.8, 2.7, 2.6, 2.5, 2.6, 2.8, 3.4, 5];
        Assert.Equal(5, MedianFilter.Width(values.Length, 0.25));
        Assert.Equal([9, 9, 8, 7, 6, 5, 4.5, 4, 3.5, 3.5, 3, 2.9, 2.8, 2.7, 2.6, 2.6, 2.6, 2.8, 3.4, 3.4], MedianFilter.Apply(values, 0.25));
    }

    [Fact]
    public void Agrees_with_sorting_every_window() =>
        Gen.Select(Gen.OneOf(Gen.Double[0, 1], Gen.Int[0, 5].Select(i => (double)i)).Array[1, 200], Gen.Double[0, 1]).Sample((values, smoothing) =>
            Assert.Equal(BySorting(values, MedianFilter.Width(values.Length, smoothing)), MedianFilter.Apply(values, smoothing)));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Refuses_a_share_out_of_range(double smoothing) =>
        Assert.Contains("smoothing", Assert.Throws<InvalidOptionException>(() => MedianFilter.Apply([1, 2, 3], smoothing)).Message, StringComparison.Ordinal);

    private static double[] BySorting(double[] values, int width) =>
        [.. Enumerable.Range(0, values.Length).Select(i => Enumerable.Range(i - width / 2, width).Select(j => values[Reflect(j, values.Length)]).Order().ElementAt(width / 2))];

    private static int Reflect(int i, int count) => i < 0 ? 0 : i < count ? i : 2 * (count - 1) - i;
}
