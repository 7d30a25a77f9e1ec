using Rubato.Core;
using Rubato.Inference.Evaluation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Tests.Evaluation;

public sealed class PerplexityEvaluatorTests
{
    private const string Text = "THE BAR ENDS ON THE BEAT, AND THE NOTE BORROWS TIME FROM ANOTHER NOTE";

    [Theory]
    [InlineData(4, null, null)]
    [InlineData(9, null, 5)]
    [InlineData(16, 2, null)]
    [InlineData(16, 2, 5)]
    [InlineData(60, null, 5)]
    public void Measure_ScoresTheSecondHalfOfEachWindow(int window, int? windowsMax, int? begin)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 61);
        var tokenizer = new LetterTokenizer { BeginOfText = begin };
        var tokens = tokenizer.Encode(Text, addSpecial: true, parseSpecial: false);
        var reference = new ReferenceModel(file);
        var losses = new List<double>();
        for (var i = 0; i < Math.Min(tokens.Length / window, windowsMax ?? int.MaxValue); i++)
        {
            var cut = tokens[(i * window)..((i + 1) * window)];
            cut[0] = begin ?? cut[0];
            var logits = reference.Logits(cut);
            losses.AddRange(Enumerable.Range((window / 2) + 1, window - 1 - (window / 2)).Select(at => Math.Log(logits[at - 1].Sum(Math.Exp)) - logits[at - 1][cut[at]]));
        }

        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(2);
        var progress = new List<double>();
        var windows = EvaluationWindows.Cut(tokenizer, Text + "\n", window, windowsMax);
        var measured = PerplexityEvaluator.Measure(model, gang, windows, progress.Add);
        Assert.Equal(losses.Count, measured.ScoredTokens);
        Assert.Equal(losses.Count, windows.ScoredTokens);
        Assert.Equal(losses.Average(), Math.Log(measured.Value), 1e-4);
        var deviation = Math.Sqrt(losses.Sum(loss => Math.Pow(loss - losses.Average(), 2)) / losses.Count / Math.Max(1, losses.Count - 1));
        Assert.Equal(deviation, measured.StandardError / measured.Value, 1e-4);
        Assert.Equal(1, progress[^1], 1e-9);
        Assert.Equal(progress.Order(), progress);
    }

    [Fact]
    public void Cut_SaysWhatDoesNotFit()
    {
        var tokenizer = new LetterTokenizer();
        Assert.Contains("not even one window of 512", Assert.Throws<InvalidOptionException>(() => EvaluationWindows.Cut(tokenizer, Text, 512)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => EvaluationWindows.Cut(tokenizer, Text, 3));
        Assert.Throws<InvalidOptionException>(() => EvaluationWindows.Cut(tokenizer, Text, 16, 0));
        using var file = RandomModel.Write(RandomModel.Configuration with { ContextLength = 16 }, seed: 62);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(1);
        var windows = EvaluationWindows.Cut(tokenizer, Text, 17);
        Assert.Contains("17 is more than the 16 tokens", Assert.Throws<InvalidOptionException>(() => PerplexityEvaluator.Measure(model, gang, windows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Divergence_IsTheDefinition_AndNoneFromItself()
    {
        using var file = Trained(seed: 63, "A");
        using var rough = Trained(seed: 63, "A", (name, value) => name.Contains("ffn", StringComparison.Ordinal) ? MathF.Round(value * 16) / 16 : value);
        using var model = DecoderModel.FromGguf(rough);
        using var truth = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(2);
        var windows = EvaluationWindows.Cut(new LetterTokenizer(), Text, 20);
        var same = DivergenceEvaluator.Measure(truth, truth, gang, windows);
        Assert.Equal((0, 0, 1), (same.Mean, same.Max, same.SameTopShare));

        var tokens = new LetterTokenizer().Encode(Text, addSpecial: true, parseSpecial: false);
        var (p, q) = (new ReferenceModel(file), new ReferenceModel(rough));
        var divergences = new List<double>();
        for (var i = 0; i < tokens.Length / 20; i++)
        {
            var cut = tokens[(i * 20)..((i + 1) * 20)];
            var (a, b) = (p.Logits(cut), q.Logits(cut));
            divergences.AddRange(Enumerable.Range(10, 9).Select(at => Kl(a[at], b[at])));
        }

        var measured = DivergenceEvaluator.Measure(model, truth, gang, windows);
        Assert.True(measured.Mean > 1e-4);
        Assert.Equal(divergences.Average(), measured.Mean, 1e-5);
        Assert.Equal(divergences.Max(), measured.Max, 1e-4);
        Assert.Equal(divergences.Count, measured.ScoredTokens);
    }

    [Fact]
    public void Divergence_OfModelsWithDifferentWords_IsRefused()
    {
        using var file = Trained(seed: 64, "A");
        using var other = Trained(seed: 64, "B");
        using var model = DecoderModel.FromGguf(other);
        using var truth = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(1);
        var windows = EvaluationWindows.Cut(new LetterTokenizer(), Text, 20);
        Assert.Contains("different vocabularies", Assert.Throws<RubatoException>(() => DivergenceEvaluator.Measure(model, truth, gang, windows)).Message, StringComparison.Ordinal);
    }

    private static GgufFile Trained(ulong seed, string firstToken, Func<string, float, float>? change = null)
    {
        var vocabulary = new TokenizerVocabulary
        {
            Model = "gpt2",
            Tokens = [firstToken, .. Enumerable.Range(1, RandomModel.Configuration.VocabularySize - 1).Select(token => $"t{token}")],
        };
        return RandomModel.Write(RandomModel.Configuration, seed, change: change, vocabulary: vocabulary);
    }

    private static double Kl(double[] a, double[] b)
    {
        var (sumA, sumB) = (a.Sum(Math.Exp), b.Sum(Math.Exp));
        return a.Select((logit, token) => Math.Exp(logit) / sumA * (logit - Math.Log(sumA) - b[token] + Math.Log(sumB))).Sum();
    }
}
