using System.Text.Json;
using Rubato.Inference.Constraints;
using Rubato.Inference.Generation;
using Rubato.Inference.Models;
using Rubato.Inference.Tests.Generation;
using Rubato.Kernels.Threading;
using Rubato.Models.Grammars;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Constraints;

public sealed class GrammarConstraintTests
{
    private const string Schema =
        """{"type":"object","properties":{"mood":{"enum":["calm","wild"]},"tempo":{"type":"integer","minimum":40,"maximum":208},"notes":{"type":"array","items":{"type":"string","maxLength":3},"maxItems":3}},"required":["mood","tempo","notes"]}""";

    private static readonly ByteTokenizer Tokenizer = new();
    private static readonly TokenGrammar Grammar = new GrammarFactory(Tokenizer).JsonSchema(JsonDocument.Parse(Schema).RootElement, "schema");

    /// <summary>A model of random weights writes nonsense, but nonsense in the right form.</summary>
    [Theory]
    [InlineData(0.0)]
    [InlineData(1.5)]
    public void RandomModel_WritesWhatTheSchemaAsks(double temperature)
    {
        using var file = RandomModel.Write(RandomModel.Configuration with { VocabularySize = 257 }, seed: 51);
        using var model = DecoderModel.FromGguf(file);
        using var gang = new WorkerGang(1);
        var generator = new TextGenerator(model, Tokenizer, gang);
        for (var seed = 0UL; seed < 3; seed++)
        {
            var tokens = generator.Generate("Write a tune.", new()
            {
                OutputTokensMax = 200,
                Sampling = new() { Temperature = temperature, Seed = seed },
                Constraint = new GrammarConstraint(Grammar, Tokenizer),
            }).Select(token => token.Token).ToArray();
            Assert.Equal(ByteTokenizer.End, tokens[^1]);
            var tune = JsonDocument.Parse(Tokenizer.Decode(tokens)).RootElement;
            Assert.Contains(tune.GetProperty("mood").GetString(), new[] { "calm", "wild" });
            Assert.InRange(tune.GetProperty("tempo").GetInt32(), 40, 208);
            Assert.InRange(tune.GetProperty("notes").GetArrayLength(), 0, 3);
        }
    }

    /// <summary>After a preemption, a constraint that reads everything at once stands where one stands that read token by token.</summary>
    [Fact]
    public void WhatIsForbidden_IsAFunctionOfTheTokens()
    {
        var text = Tokenizer.Encode("""{"mood":"wild","tempo":99,"notes":["é",""]}""", addSpecial: false, parseSpecial: false);
        var steady = new GrammarConstraint(Grammar, Tokenizer);
        for (var count = 0; count <= text.Length; count++)
        {
            var logits = new float[260];
            var anew = new float[260];
            steady.Forbid(text.AsSpan(0, count), logits);
            new GrammarConstraint(Grammar, Tokenizer).Forbid(text.AsSpan(0, count), anew);
            Assert.Equal(anew, logits);
            Assert.All(logits[257..], logit => Assert.Equal(float.NegativeInfinity, logit));
            Assert.Equal(count == text.Length, float.IsFinite(logits[ByteTokenizer.End]));
            Assert.True(count == text.Length || float.IsFinite(logits[text[count]]));
        }
    }

    [Fact]
    public void AnOutputThatLeftTheGrammar_MayNotGoOn()
    {
        ITokenConstraint constraint = new GrammarConstraint(Grammar, Tokenizer);
        var logits = new float[257];
        constraint.Forbid([(int)'x'], logits);
        Assert.All(logits, logit => Assert.Equal(float.NegativeInfinity, logit));
    }
}
