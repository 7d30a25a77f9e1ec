using CsCheck;

namespace Rubato.Core.Tests;

public sealed class PrngTests
{
    [Fact]
    public void Sequence_OfOneSeed_IsTheSameOnEveryMachine()
    {
        // xoshiro256** after SplitMix64(42), computed independently with arbitrary-precision integers (eng/goldens/prng.py).
        var prng = new Prng(42);
        ulong[] first = [prng.NextUInt64(), prng.NextUInt64(), prng.NextUInt64(), prng.NextUInt64()];
        Assert.Equal([1546998764402558742UL, 6990951692964543102UL, 12544586762248559009UL, 17057574109182124193UL], first);
    }

    [Fact]
    public void Split_DependsOnSeedAndLabelOnly() =>
        Gen.ULong.Select(Gen.Int[0, 50], Gen.String).Sample((seed, draws, label) =>
        {
            var fresh = new Prng(seed);
            var used = new Prng(seed);
            for (var i = 0; i < draws; i++)
            {
                used.NextUInt64();
            }

            return fresh.Split(label).NextUInt64() == used.Split(label).NextUInt64()
                && fresh.Split(label).NextUInt64() != fresh.Split(label + "x").NextUInt64();
        });

    [Fact]
    public void NextBelow_StaysInRangeAndIsUniform()
    {
        const int cells = 7;
        const int draws = 70_000;
        var prng = new Prng(7);
        var counts = new int[cells];
        for (var i = 0; i < draws; i++)
        {
            counts[prng.NextInt32(cells)]++;
        }

        // Chi-square with 6 degrees of freedom: 22.5 is the 0.999 quantile.
        var expected = (double)draws / cells;
        Assert.InRange(counts.Sum(count => (count - expected) * (count - expected) / expected), 0, 22.5);
    }

    [Fact]
    public void NextInt32_WithTwoBounds_CoversExtremes() =>
        Gen.Int.Select(Gen.Int, Gen.ULong).Where((low, high, _) => low < high)
            .Sample((low, high, seed) => new Prng(seed).NextInt32(low, high) is var drawn && drawn >= low && drawn < high);

    [Fact]
    public void Shuffle_IsAPermutation() =>
        Gen.Int[0, 200].Select(Gen.ULong).Sample((count, seed) =>
        {
            var items = Enumerable.Range(0, count).ToArray();
            new Prng(seed).Shuffle(items.AsSpan());
            return items.Order().SequenceEqual(Enumerable.Range(0, count));
        });

    [Fact]
    public void Chance_OfImpossibleAndCertain_NeverErr()
    {
        var prng = new Prng(1);
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(prng.Chance(0, 3));
            Assert.True(prng.Chance(3, 3));
        }
    }

    [Fact]
    public void Mix_OfNeighbours_ChangesHalfOfTheBits()
    {
        long flipped = 0;
        const int pairs = 10_000;
        for (ulong i = 0; i < pairs; i++)
        {
            flipped += System.Numerics.BitOperations.PopCount(Prng.Mix(5, i) ^ Prng.Mix(5, i + 1));
            flipped += System.Numerics.BitOperations.PopCount(Prng.Mix(i, 5) ^ Prng.Mix(i + 1, 5));
        }

        Assert.InRange(flipped / (2.0 * pairs), 31.5, 32.5);
    }

    [Fact]
    public void Distributions_HaveTheirMomentsWithinFiveStandardErrors()
    {
        const int draws = 200_000;
        AssertMoments(draws, prng => prng.NextNormal(3, 2), mean: 3, variance: 4, fourthCentral: 3 * 16);
        AssertMoments(draws, prng => prng.NextExponential(0.5), mean: 2, variance: 4, fourthCentral: 9 * 16);
        AssertMoments(draws, prng => prng.NextGamma(4.5, 2), mean: 9, variance: 18, fourthCentral: (3 + 6 / 4.5) * 18 * 18);
        AssertMoments(draws, prng => prng.NextGamma(0.3), mean: 0.3, variance: 0.3, fourthCentral: (3 + 6 / 0.3) * 0.3 * 0.3);
    }

    private static void AssertMoments(int draws, Func<Prng, double> draw, double mean, double variance, double fourthCentral)
    {
        var prng = new Prng(11);
        var samples = Enumerable.Range(0, draws).Select(_ => draw(prng)).ToArray();
        var meanError = 5 * Math.Sqrt(variance / draws);
        var varianceError = 5 * Math.Sqrt((fourthCentral - variance * variance) / draws);
        var sampleMean = samples.Average();
        Assert.InRange(sampleMean, mean - meanError, mean + meanError);
        Assert.InRange(samples.Average(x => (x - mean) * (x - mean)), variance - varianceError, variance + varianceError);
    }
}
