using CsCheck;
using Rubato.Core;
using Rubato.Inference.Sampling;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Sampling;

public class SamplerTests
{
    private static readonly Gen<float[]> Logits = Gen.Float[-20, 20].Array[1, 60];

    [Fact]
    public void TryChoose_Greedy_TakesSmallestIndexOfTheMaximum() => Logits.Sample(logits =>
    {
        Assert.True(new Sampler().TryChoose(logits, SamplingParameters.Greedy, 0, out var choice));
        Assert.Equal(Array.IndexOf(logits, logits.Max()), choice.Token);
    });

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    [InlineData(2.0)]
    public void TryChoose_ManyPositions_FollowSoftmaxOfTemperature(double temperature)
    {
        // Chi-square with 7 degrees of freedom exceeds 24.3 once in a thousand times; the seed is fixed.
        float[] logits = [0, 1, -1, 0.5f, 2, -0.5f, 1.5f, 0.25f];
        const int Draws = 20_000;
        var counts = new int[logits.Length];
        var sampler = new Sampler();
        for (var position = 0; position < Draws; position++)
        {
            Assert.True(sampler.TryChoose(logits, new() { Temperature = temperature, Seed = 5 }, position, out var choice));
            counts[choice.Token]++;
        }

        var weights = logits.Select(logit => Math.Exp(logit / temperature)).ToArray();
        var chiSquare = counts.Zip(weights, (count, weight) => (count, Expected: Draws * weight / weights.Sum()))
            .Sum(pair => (pair.count - pair.Expected) * (pair.count - pair.Expected) / pair.Expected);
        Assert.InRange(chiSquare, 0, 24.3);
    }

    [Fact]
    public void TryChoose_TopK_DrawsOnlyAmongTheMostLikely() =>
        Gen.Select(Logits, Gen.Int[1, 70], Gen.Int[0, 1_000_000]).Sample((logits, topK, position) =>
        {
            Assert.True(new Sampler().TryChoose(logits, new() { TopK = topK, Temperature = 3 }, position, out var choice));
            var better = logits.Where((logit, token) =>
                logit > logits[choice.Token] || (logit == logits[choice.Token] && token < choice.Token)).Count();
            Assert.InRange(better, 0, topK - 1);
        });

    [Fact]
    public void TryChoose_TopKOfOne_IsGreedy() => Gen.Select(Logits, Gen.Int[0, 1_000_000]).Sample((logits, position) =>
    {
        Assert.True(new Sampler().TryChoose(logits, new() { TopK = 1, Temperature = 5 }, position, out var choice));
        Assert.Equal(Array.IndexOf(logits, logits.Max()), choice.Token);
    });

    [Fact]
    public void TryChoose_TopP_DrawsOnlyFromTheSmallestSetThatReachesIt() =>
        Gen.Select(Logits, Gen.Double[0.01, 1], Gen.Int[0, 1_000_000]).Sample((logits, topP, position) =>
        {
            Assert.True(new Sampler().TryChoose(logits, new() { TopP = topP }, position, out var choice));
            var total = logits.Sum(logit => Math.Exp(logit));
            var better = logits.Where((logit, token) =>
                logit > logits[choice.Token] || (logit == logits[choice.Token] && token < choice.Token)).Sum(logit => Math.Exp(logit));

            // The weights of the better tokens alone do not reach the share (up to rounding of single precision).
            Assert.True(better / total < topP + 1e-5, $"{better / total} {topP}");
        });

    [Fact]
    public void TryChoose_TopKThenTopP_ShareIsOfWhatTopKLeft()
    {
        // Weights 8, 4, 2, 1: of the best two, the first has 8/12 = 0.667 and reaches the share alone; of all four it has 8/15 = 0.53.
        float[] logits = [.. new[] { 1.0, 2, 4, 8 }.Select(weight => (float)Math.Log(weight))];
        var sampler = new Sampler();
        var drawn = Enumerable.Range(0, 400).Select(position =>
        {
            Assert.True(sampler.TryChoose(logits, new() { TopK = 2, TopP = 0.66, Seed = 3 }, position, out var choice));
            return choice.Token;
        }).ToHashSet();
        Assert.Equal([3], drawn);
    }

    [Fact]
    public void TryChoose_SameSeedAndPosition_SameTokenWhateverCameBefore() =>
        Gen.Select(Logits, Gen.ULong, Gen.Int[0, 100_000], Gen.Bool).Sample((logits, seed, position, truncate) =>
        {
            var parameters = new SamplingParameters { Seed = seed, TopP = truncate ? 0.8 : 1, TopK = truncate ? 7 : 0 };
            var used = new Sampler();
            _ = used.TryChoose([1, 2, 3], parameters, position, out _);
            Assert.True(used.TryChoose(logits, parameters, position, out var first));
            Assert.True(new Sampler().TryChoose(logits, parameters, position, out var second));
            Assert.Equal(first.Token, second.Token);
        });

    [Fact]
    public void TryChoose_TinyTemperature_IsGreedy() => Gen.Int[-160, 160].Select(eighths => eighths / 8f).Array[1, 60].Sample(logits =>
    {
        Assert.True(new Sampler().TryChoose(logits, new() { Temperature = 1e-300 }, 3, out var choice));
        Assert.Equal(logits.Max(), logits[choice.Token]);
    });

    [Fact]
    public void TryChoose_LogProbabilities_AreTheLogSoftmaxBeforeTemperature() =>
        Gen.Select(Logits, Gen.Int[0, 20], Gen.Int[0, 1000]).Sample((logits, count, position) =>
        {
            Assert.True(new Sampler().TryChoose(logits, new() { Temperature = 2, LogProbabilityCount = count }, position, out var choice));
            var normaliser = Math.Log(logits.Sum(logit => Math.Exp(logit)));
            var result = choice.LogProbabilities!;
            Assert.Equal(logits[choice.Token] - normaliser, result.Chosen, 1e-5);
            var expected = Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ThenBy(token => token).Take(count);
            Assert.Equal(expected, result.Top.Select(top => top.Token));
            Assert.All(result.Top, top => Assert.Equal(logits[top.Token] - normaliser, top.LogProbability, 1e-5));
            Assert.All(result.Top, top => Assert.True(top.LogProbability <= 0));
        });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void TryChoose_LogitsNotFinite_Refuses(float bad)
    {
        foreach (var temperature in new[] { 0, 0.7 })
        {
            Assert.False(new Sampler().TryChoose([1, 2, bad, 0, 3], new() { Temperature = temperature }, 0, out _));
        }
    }

    [Fact]
    public void TryChoose_NothingPossible_Refuses() =>
        Assert.False(new Sampler().TryChoose([float.NegativeInfinity, float.NegativeInfinity], SamplingParameters.Greedy, 0, out _));

    [Fact]
    public void TryChoose_ImpossibleTokens_AreNeverDrawnWhilePossibleOnesAreLikely()
    {
        float[] logits = [float.NegativeInfinity, 0, float.NegativeInfinity, 0];
        var sampler = new Sampler();
        Assert.All(Enumerable.Range(0, 1000), position =>
        {
            Assert.True(sampler.TryChoose(logits, new() { Seed = Prng.Mix(1, 2) }, position, out var choice));
            Assert.True(choice.Token is 1 or 3);
        });
    }
}
