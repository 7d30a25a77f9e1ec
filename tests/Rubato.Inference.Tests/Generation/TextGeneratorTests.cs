using Rubato.Core;
using Rubato.Inference.Generation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Generation;

public class TextGeneratorTests
{
    [Fact]
    public void Generate_Greedy_EqualsTheReferenceTokenByToken()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 41);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(2);
        var generator = new TextGenerator(model, new LetterTokenizer { StopTokens = [] }, gang);
        var prompt = RandomModel.Tokens(RandomModel.Configuration, 9, seed: 41);
        var generated = generator.Generate(prompt, new() { OutputTokensMax = 12 }).ToArray();

        var reference = new ReferenceModel(file);
        var sequence = prompt.ToList();
        foreach (var token in generated)
        {
            var logits = reference.Logits([.. sequence])[^1];
            Assert.Equal(Array.IndexOf(logits, logits.Max()), token.Token);
            sequence.Add(token.Token);
        }

        Assert.Equal(12, generated.Length);
        Assert.Equal(FinishReason.Length, generated[^1].Finish);
        Assert.All(generated[..^1], token => Assert.Null(token.Finish));
    }

    [Fact]
    public void Generate_AnyPrefillChunk_SameTokens()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 42);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(2);
        var generator = new TextGenerator(model, new LetterTokenizer(), gang);
        var results = new[] { 1, 7, 512 }.Select(chunk => generator.Generate(
            "The quick brown fox jumps over the lazy dog.",
            new() { OutputTokensMax = 30, PrefillChunk = chunk, Sampling = new() { Seed = 4, Temperature = 1.2 } }).Select(token => token.Token).ToArray()).ToArray();
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void Generate_StopToken_EndsTheTextWithStop()
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 43);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(1);
        var free = new TextGenerator(model, new LetterTokenizer { StopTokens = [] }, gang)
            .Generate("abc", new() { OutputTokensMax = 10 }).Select(token => token.Token).ToArray();
        var stop = free[5];
        var stopped = new TextGenerator(model, new LetterTokenizer { StopTokens = [stop] }, gang)
            .Generate("abc", new() { OutputTokensMax = 10 }).ToArray();
        Assert.Equal(free[..(Array.IndexOf(free, stop) + 1)], stopped.Select(token => token.Token));
        Assert.Equal(FinishReason.Stop, stopped[^1].Finish);
    }

    [Fact]
    public void Generate_WithoutLimit_EndsWhenTheContextIsFull()
    {
        using var file = RandomModel.Write(RandomModel.Configuration with { ContextLength = 20 }, seed: 44);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(1);
        var generator = new TextGenerator(model, new LetterTokenizer { StopTokens = [] }, gang);
        Assert.Equal(17, generator.Generate("abc").Count());
        Assert.Empty(generator.Generate("abc", new() { OutputTokensMax = 0 }));
        Assert.Contains("1 … 19", Assert.Throws<RubatoException>(() => generator.Generate(new string('a', 20))).Message);
        Assert.Throws<RubatoException>(() => generator.Generate(""));
        Assert.Throws<InvalidOptionException>(() => generator.Generate("abc", new() { OutputTokensMax = -1 }));
    }

    [Fact]
    public void Append_CharactersSplitOverTokens_ComeOutWhole()
    {
        // Each byte of the text is a token of its own: "é" is held back until its second byte.
        var tokenizer = new ByteTokenizer();
        var decoder = new TokenTextDecoder(tokenizer);
        var bytes = System.Text.Encoding.UTF8.GetBytes("né😀x");
        string[] pieces = [.. bytes.Select((value, i) => decoder.Append(value, isLast: i == bytes.Length - 1))];
        Assert.Equal(["n", "", "é", "", "", "", "😀", "x"], pieces);

        var cut = new TokenTextDecoder(tokenizer);
        Assert.Equal("\uFFFD", cut.Append(0xC3, isLast: false) + cut.Append(ByteTokenizer.End, isLast: true));
    }
}
