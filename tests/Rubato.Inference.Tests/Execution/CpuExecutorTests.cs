using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Execution;

public class CpuExecutorTests
{
    private const int Sequences = 64;
    private const int NewTokens = 6;

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void Execute_64SequencesTogether_SameTokensAndLogProbabilitiesAsEachAlone(double temperature)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 21, name => name.Contains("ffn") ? GgmlType.Q8_0 : GgmlType.F32);
        using var together = new Harness(file, blockTokens: 4, blocks: Sequences * 12);
        using var alone = new Harness(file, blockTokens: 16, blocks: 4, workers: 1);
        var prng = new Prng(21);
        var prompts = Enumerable.Range(0, Sequences).Select(i => RandomModel.Tokens(RandomModel.Configuration, prng.NextInt32(1, 40), (ulong)i)).ToArray();
        var sampling = prompts.Select((_, i) => new SamplingParameters { Temperature = temperature, Seed = (ulong)i, TopP = 0.9, LogProbabilityCount = 2 }).ToArray();

        var batched = RunTogether(together, prompts, sampling);
        for (var i = 0; i < Sequences; i++)
        {
            Assert.Equal(RunAlone(alone, prompts[i], sampling[i]), batched[i]);
        }
    }

    [Fact]
    public void Execute_SlicesThatDoNotSample_GiveNoToken()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 22);
        using var harness = new Harness(file, blocks: 4);
        var table = harness.Table();
        var tokens = harness.Execute(
            Harness.Slice(7, 0, [1, 2, 3], table[..1], samples: false),
            Harness.Slice(8, 0, [4], table[1..2]),
            Harness.Slice(9, 0, [5, 6], table[2..3]));
        Assert.Equal([new RequestId(8), new RequestId(9)], tokens.Select(token => token.Request));
        Assert.All(tokens, token => Assert.InRange(token.Token, 0, RandomModel.Configuration.VocabularySize - 1));
    }

    [Fact]
    public void Execute_EmptyPlan_GivesNoToken()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 23);
        using var harness = new Harness(file);
        Assert.Empty(harness.Execute());
    }

    [Fact]
    public void Execute_DamagedWeights_FailsThatRequestOnly()
    {
        // The embedding of token 5 is NaN; a sequence with it fails, its neighbour does not.
        var nan = 0;
        using var file = RandomModel.Write(RandomModel.Configuration with { TiedHead = false }, seed: 24, change: (name, value) =>
            name == "token_embd.weight" && nan++ / RandomModel.Configuration.EmbeddingLength == 5 ? float.NaN : value);
        using var harness = new Harness(file, blocks: 4);
        var table = harness.Table();
        var tokens = harness.Execute(Harness.Slice(1, 0, [3, 5], table[..1]), Harness.Slice(2, 0, [3, 4], table[1..2]));
        Assert.NotNull(tokens[0].Failure);
        Assert.True(tokens[0].EndsRequest);
        Assert.Null(tokens[1].Failure);
        Assert.False(tokens[1].EndsRequest);
    }

    private static List<string>[] RunTogether(Harness harness, int[][] prompts, SamplingParameters[] sampling)
    {
        var blocks = harness.Table(shuffleSeed: 3);
        var results = prompts.Select(_ => new List<string>()).ToArray();
        var next = prompts.Select(prompt => prompt).ToArray();
        var fed = new int[prompts.Length];
        while (results.Any(result => result.Count < NewTokens))
        {
            // Prompts are fed in chunks whose size depends on the sequence, so prefills and decodes mix.
            var running = Enumerable.Range(0, prompts.Length).Where(i => results[i].Count < NewTokens).ToArray();
            var slices = running.Select(i =>
            {
                var count = Math.Min(next[i].Length, 3 + (i % 11));
                return Harness.Slice(i, fed[i], next[i][..count], blocks[(i * 12)..((i * 12) + 12)], sampling[i], count == next[i].Length);
            }).ToArray();
            var tokens = harness.Execute(slices).ToDictionary(token => token.Request);
            foreach (var slice in slices)
            {
                var i = (int)slice.Request.Value;
                fed[i] += slice.Tokens.Length;
                next[i] = next[i][slice.Tokens.Length..];
                if (tokens.TryGetValue(slice.Request, out var token))
                {
                    results[i].Add(Describe(token));
                    next[i] = [token.Token];
                }
            }
        }

        return results;
    }

    private static List<string> RunAlone(Harness harness, int[] prompt, SamplingParameters sampling)
    {
        var result = new List<string>();
        for (var (fed, next) = (0, prompt); result.Count < NewTokens;)
        {
            var token = harness.Execute(Harness.Slice(0, fed, next, harness.Table(), sampling))[0];
            fed += next.Length;
            next = [token.Token];
            result.Add(Describe(token));
        }

        return result;
    }

    private static string Describe(SampledToken token) => FormattableString.Invariant(
        $"{token.Token} {token.LogProbabilities!.Chosen:R} {string.Join(' ', token.LogProbabilities.Top.Select(top => FormattableString.Invariant($"{top.Token}:{top.LogProbability:R}")))}");
}
