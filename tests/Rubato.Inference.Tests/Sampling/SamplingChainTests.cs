using CsCheck;
using Rubato.Inference.Sampling;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Sampling;

/// <summary>All that a request can ask of the sampler, in every combination, against the naive definition.</summary>
public class SamplingChainTests
{
    // Fractions with small denominators: two numbers are equal, or differ by more than single precision can lose.
    private static readonly Gen<float[]> Logits = Gen.Int[-2048, 2048].Select(number => number / 256f).Array[1, 60];

    private static readonly Gen<SamplingParameters> Drawing = Gen.Select(
        Gen.OneOf(Gen.Const(0.0), Gen.Double[0.2, 3]),
        Gen.OneOf(Gen.Const(0), Gen.Int[1, 70]),
        Gen.OneOf(Gen.Const(1.0), Gen.Double[0.05, 0.99]),
        Gen.OneOf(Gen.Const(1.0), Gen.Double[0.05, 0.99]),
        Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 1]),
        Gen.ULong).Select((temperature, topK, typicalP, topP, minP, seed) => new SamplingParameters
        {
            Temperature = temperature,
            TopK = topK,
            TypicalP = typicalP,
            TopP = topP,
            MinP = minP,
            Seed = seed,
        });

    private static readonly Gen<SamplingParameters> Parameters = Gen.Select(
        Drawing,
        Gen.OneOf(Gen.Const(1.0), Gen.Int[2, 12].Select(number => number / 4.0)),
        Gen.OneOf(Gen.Const(0.0), Gen.Int[-32, 32].Select(number => number / 16.0)),
        Gen.OneOf(Gen.Const(0.0), Gen.Int[-32, 32].Select(number => number / 16.0)),
        Gen.Select(Gen.Int[0, 70], Gen.Int[-400, 400].Select(number => number / 4.0)).Array[0, 6]).Select((drawing, repetition, presence, frequency, biases) => drawing with
        {
            RepetitionPenalty = repetition,
            PresencePenalty = presence,
            FrequencyPenalty = frequency,
            LogitBias = [.. biases.DistinctBy(bias => bias.Item1).Select(bias => new TokenBias(bias.Item1, bias.Item2))],
        });

    private static readonly Gen<int[]> Tokens = Gen.Int[0, 70].Array[0, 40];

    [Fact]
    public void TryChoose_AnyCombination_IsTheTokenOfTheNaiveDefinition()
    {
        var sampler = new Sampler();
        var (cases, certain) = (0, 0);
        Gen.Select(Logits, Parameters, Tokens, Tokens, Gen.Int[0, 100_000]).Sample(
            (logits, parameters, prompt, generated, position) =>
            {
                var expected = new NaiveSampler(parameters, position, prompt, generated).Choose(logits);
                Assert.True(sampler.TryChoose(logits, parameters, position, new([.. prompt], generated), null, out var choice));
                Assert.Contains(choice.Token, expected);
                cases++;
                certain += expected.Count == 1 ? 1 : 0;
            },
            iter: FuzzScale.Times(4_000),
            threads: 1);
        Assert.True(certain > 0.98 * cases, $"{certain} of {cases} draws have one possible token");
    }

    [Fact]
    public void TryChoose_Constraint_ForbidsBeforeAnythingElse() =>
        Gen.Select(Logits, Parameters, Tokens, Gen.Int[0, 100_000], Gen.Int[1, 5]).Sample(
            (logits, parameters, generated, position, every) =>
            {
                bool Forbidden(int token) => token % every != 0;
                var naive = new NaiveSampler(parameters, position, [1, 2], generated);
                var constraint = new Every(every, generated);
                Assert.True(new Sampler().TryChoose(logits, parameters, position, new([1, 2], generated), constraint, out var choice));
                Assert.False(Forbidden(choice.Token));
                Assert.Contains(choice.Token, naive.Choose(logits, Forbidden));
            },
            iter: FuzzScale.Times(1_000));

    [Fact]
    public void TryChoose_ConstraintThatForbidsAll_Refuses()
    {
        float[] logits = [1, 2, 3];
        foreach (var temperature in new[] { 0.0, 1 })
        {
            var parameters = new SamplingParameters { Temperature = temperature };
            Assert.False(new Sampler().TryChoose(logits, parameters, 4, default, new Every(int.MaxValue, []) { FromToken = 0 }, out _));
        }

        Assert.True(Sampler.IsDrawable(logits));
        Assert.False(Sampler.IsDrawable([1, float.NaN]));
    }

    [Fact]
    public void TryChoose_OnlyUnlikelyTokensAllowed_NeverDrawsAForbiddenOne()
    {
        // The exponential saturates at 10⁻³⁸: forbidden tokens and the allowed one have the same weight next to a token that is not there.
        float[] logits = [0, 500, -500, 0];
        var sampler = new Sampler();
        foreach (var parameters in new SamplingParameters[] { new(), new() { TopK = 3 }, new() { TypicalP = 0.5 }, new() { MinP = 0.1 } })
        {
            for (var position = 0; position < 200; position++)
            {
                Assert.True(sampler.TryChoose(logits, parameters, position, default, new Every(2, []), out var choice));
                Assert.Equal(0, choice.Token);
            }
        }
    }

    [Fact]
    public void TryChoose_LogitsAreNeverWritten_AndLogProbabilitiesAreTheirOwn() =>
        Gen.Select(Logits, Parameters, Tokens).Sample(
            (logits, parameters, generated) =>
            {
                var before = logits.ToArray();
                var reporting = parameters with { LogProbabilityCount = 3 };
                Assert.True(new Sampler().TryChoose(logits, reporting, 9, new([], generated), null, out var choice));
                Assert.Equal(before, logits);
                var normaliser = Math.Log(logits.Sum(logit => Math.Exp(logit)));
                Assert.Equal(logits[choice.Token] - normaliser, choice.LogProbabilities!.Chosen, 1e-4);
            },
            iter: FuzzScale.Times(500));

    [Fact]
    public void TryChoose_AllTokensBiasedAlike_DrawsAsWithoutBias()
    {
        float[] logits = [0.5f, -1, 2, 1.25f];
        var parameters = new SamplingParameters { Seed = 8 };
        var biased = parameters with { LogitBias = [.. Enumerable.Range(0, 4).Select(token => new TokenBias(token, -100))] };
        var sampler = new Sampler();
        for (var position = 0; position < 500; position++)
        {
            Assert.True(sampler.TryChoose(logits, parameters, position, out var expected));
            Assert.True(sampler.TryChoose(logits, biased, position, out var choice));
            Assert.Equal(expected.Token, choice.Token);
        }
    }

    [Fact]
    public void TryChoose_BiasOfAHundred_DecidesWhatIsDrawn()
    {
        float[] logits = [0, 8, 0, -8];
        var sampler = new Sampler();
        for (var position = 0; position < 200; position++)
        {
            Assert.True(sampler.TryChoose(logits, new() { LogitBias = [new(3, 100)] }, position, out var wanted));
            Assert.Equal(3, wanted.Token);
            Assert.True(sampler.TryChoose(logits, new() { LogitBias = [new(1, -100), new(99, 100)] }, position, out var unwanted));
            Assert.NotEqual(1, unwanted.Token);
        }
    }

    [Theory]
    [InlineData(1.5, 0, 0, 1)] // 3 / 1.5 = 2, below 2.5
    [InlineData(1.1, 0, 0, 0)] // 3 / 1.1 = 2.7
    [InlineData(1, 0.6, 0, 1)]
    [InlineData(1, 0.4, 0, 0)]
    [InlineData(1, 0, 0.2, 1)] // three times
    [InlineData(1, 0, 0.1, 0)]
    public void TryChoose_PenaltiesAtTemperatureZero_ChangeTheGreedyToken(double repetition, double presence, double frequency, int expected)
    {
        var parameters = SamplingParameters.Greedy with
        {
            RepetitionPenalty = repetition,
            PresencePenalty = presence,
            FrequencyPenalty = frequency,
        };
        Assert.True(new Sampler().TryChoose([3, 2.5f, 0], parameters, 5, new([2], new[] { 0, 0, 0 }), null, out var choice));
        Assert.Equal(expected, choice.Token);
    }

    [Fact]
    public void TryChoose_PresenceAndFrequency_LookAtTheOutputOnly_RepetitionAtThePromptToo()
    {
        float[] logits = [3, 2.5f];
        var history = new TokenHistory([0, 0, 0], ReadOnlyMemory<int>.Empty);
        var output = SamplingParameters.Greedy with { PresencePenalty = 2, FrequencyPenalty = 2 };
        Assert.True(new Sampler().TryChoose(logits, output, 3, history, null, out var choice));
        Assert.Equal(0, choice.Token);
        Assert.True(new Sampler().TryChoose(logits, SamplingParameters.Greedy with { RepetitionPenalty = 2 }, 3, history, null, out choice));
        Assert.Equal(1, choice.Token);
    }

    [Fact]
    public void TryChoose_WhatIsOff_DrawsAsIfItWereNotThere() => Gen.Select(Logits, Gen.ULong, Gen.Int[0, 1000]).Sample((logits, seed, position) =>
    {
        // The draws from before these parameters existed: seeds in people's hands keep their texts.
        var off = new SamplingParameters { Seed = seed, TypicalP = 1, MinP = 0, RepetitionPenalty = 1, LogitBias = [] };
        Assert.True(new Sampler().TryChoose(logits, off, position, new([1], new[] { 1 }), null, out var choice));
        Assert.Contains(choice.Token, new NaiveSampler(new() { Seed = seed }, position, [], []).Choose(logits));
    });

    /// <summary>Allows every n-th token.</summary>
    private sealed class Every(int n, int[] expected) : ITokenConstraint
    {
        public int FromToken { get; init; } = 1;

        public void Forbid(ReadOnlySpan<int> generated, Span<float> logits)
        {
            Assert.Equal(expected, generated.ToArray());
            for (var token = FromToken; token < logits.Length; token++)
            {
                logits[token] = token % n == 0 && n != int.MaxValue ? logits[token] : float.NegativeInfinity;
            }
        }
    }
}
