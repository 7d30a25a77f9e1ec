using Rubato.Inference.Execution;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Execution;

public sealed class HiddenStateTests
{
    [Fact]
    public void HiddenStates_TimesTheOutputHead_AreTheLogits_AndDoNotDisturbOthers()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 71);
        using var harness = new Harness(file);
        var (first, second) = (RandomModel.Tokens(RandomModel.Configuration, 9, 71), RandomModel.Tokens(RandomModel.Configuration, 5, 72));
        var table = harness.Table();
        var logits = harness.Logits(first, table);
        var alone = harness.Logits(second, table.AsSpan(64));

        var pass = harness.Pass;
        pass.Clear();
        pass.Append(0, second, table.AsSpan(64), 1);
        pass.Append(0, first, table, first.Length, hiddenStates: true);
        pass.Append(0, second, table.AsSpan(32), 2);
        pass.Run();
        Assert.Equal((3, first.Length), (pass.LogitRows, pass.HiddenRows));
        Assert.Equal([alone[^1], alone[^2], alone[^1]], Enumerable.Range(0, 3).Select(row => pass.Logits(row).ToArray()));
        var embedding = new float[RandomModel.Configuration.EmbeddingLength];
        for (var row = 0; row < first.Length; row++)
        {
            for (var token = 0; token < RandomModel.Configuration.VocabularySize; token++)
            {
                harness.Model.TokenEmbedding.DecodeRow(token, embedding);
                Assert.Equal(logits[row][token], Dot(pass.HiddenState(row), embedding), 1e-4f);
            }
        }
    }

    [Theory]
    [InlineData(HiddenStateUse.All)]
    [InlineData(HiddenStateUse.Last)]
    public void Execute_InChunksAmongOthers_GivesTheBitsThatOneSliceAloneGives(HiddenStateUse use)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 73);
        using var harness = new Harness(file);
        var (tokens, other) = (RandomModel.Tokens(RandomModel.Configuration, 23, 73), RandomModel.Tokens(RandomModel.Configuration, 30, 74));
        var table = harness.Table();
        var whole = Execute(harness.Executor, Slice(1, 0, tokens, table, use)).Single();
        Assert.Equal((use == HiddenStateUse.All ? 23 : 1, RandomModel.Configuration.EmbeddingLength), (whole.Count, whole.Width));

        var parts = new List<HiddenStates>();
        foreach (var (start, end) in new[] { (0, 4), (4, 5), (5, 20), (20, 23) })
        {
            var wanted = use == HiddenStateUse.All || end == 23 ? use : HiddenStateUse.None;
            parts.AddRange(Execute(
                harness.Executor,
                Harness.Slice(2, start, other[start..end], table[64..96]),
                Slice(1, start, tokens[start..end], table, wanted)));
        }

        Assert.Equal(whole.Position, parts[0].Position);
        Assert.Equal(whole.Values.ToArray(), parts.SelectMany(part => part.Values.ToArray()));
        Assert.All(parts, part => Assert.Equal(1, part.Request.Value));
    }

    private static SequenceSlice Slice(int request, int start, int[] tokens, BlockId[] table, HiddenStateUse use) =>
        Harness.Slice(request, start, tokens, table[..32], samples: false) with { HiddenStates = use };

    private static IEnumerable<HiddenStates> Execute(CpuExecutor executor, params SequenceSlice[] slices) =>
        executor.Execute(new() { Step = 0, PlannedAt = Core.Instant.Zero, Slices = [.. slices] }).HiddenStates;

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return (float)sum;
    }
}
