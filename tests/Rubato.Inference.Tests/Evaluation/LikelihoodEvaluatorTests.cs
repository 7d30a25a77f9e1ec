using Rubato.Core;
using Rubato.Inference.Evaluation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Tests.Evaluation;

public class LikelihoodEvaluatorTests
{
    [Fact]
    public void NegativeLogLikelihood_TextWithinOneWindow_EqualsReference()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 51);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 50, seed: 51);
        var logits = new ReferenceModel(file).Logits(tokens);
        var expected = Enumerable.Range(1, 49).Sum(i => Loss(logits[i - 1], tokens[i]));
        Assert.Equal(expected + Math.Log(97), Evaluate(file, tokens, begin: null, window: 64), 1e-3);
        Assert.Equal(expected, Evaluate(file, tokens[1..], begin: tokens[0], window: 64), 1e-3);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(16)]
    public void NegativeLogLikelihood_LongerText_EachTokenOnceInItsFirstWindow(int window)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 52);
        var tokens = RandomModel.Tokens(RandomModel.Configuration, 41, seed: 52);
        var reference = new ReferenceModel(file);
        var expected = Math.Log(97);
        for (var (scored, start) = (1, 0); scored < tokens.Length; start = scored - (window / 2))
        {
            var end = Math.Min(start + window, tokens.Length);
            var logits = reference.Logits(tokens[start..end]);
            for (; scored < end; scored++)
            {
                expected += Loss(logits[scored - start - 1], tokens[scored]);
            }
        }

        Assert.Equal(expected, Evaluate(file, tokens, begin: null, window), 1e-3);
    }

    [Fact]
    public void Evaluate_Text_BitsPerByteAndPerplexityFollowFromTheLoss()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 53);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(2);
        var progress = new List<double>();
        var result = new LikelihoodEvaluator(model, gang).Evaluate(new LetterTokenizer(), "HELLO WORLD, HELLO AGAIN", 8, progress.Add);
        Assert.Equal((24, 24), (result.Tokens, result.Bytes));
        Assert.Equal(result.NegativeLogLikelihood, result.BitsPerByte * 24 * Math.Log(2), 1e-9);
        Assert.Equal(result.NegativeLogLikelihood, Math.Log(result.Perplexity) * 24, 1e-9);
        Assert.Equal(1, progress[^1]);
        Assert.Equal(progress.Order(), progress);
    }

    [Fact]
    public void NegativeLogLikelihood_EmptyTextOrWindowOutOfRange()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 54);
        Assert.Equal(0, Evaluate(file, [], begin: 3, window: 8));
        Assert.Throws<InvalidOptionException>(() => Evaluate(file, [1, 2], begin: null, window: 1));
        Assert.Contains("2…256", Assert.Throws<InvalidOptionException>(() => Evaluate(file, [1, 2], begin: null, window: 257)).Message);
    }

    private static double Evaluate(GgufFile file, int[] tokens, int? begin, int window)
    {
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(2);
        return new LikelihoodEvaluator(model, gang).NegativeLogLikelihood(tokens, begin, window);
    }

    private static double Loss(double[] logits, int token) => Math.Log(logits.Sum(Math.Exp)) - logits[token];
}
