using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.Models.HuggingFace;
using Rubato.Models.HuggingFace.Tokenization;
using Rubato.Models.Tests.Files;
using Rubato.Models.Tests.Tokenizers;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>Folders with a tokenizer.model and without a tokenizer.json.</summary>
public sealed class SentencePieceFolderTests
{
    /// <summary>The vocabulary comes back as it was written, and text gets the tokens that the same vocabulary gives as tokenizer.json.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_gives_the_tokens_of_the_same_vocabulary_in_json(bool spacePrefix)
    {
        var vocabulary = TestVocabularies.Scored(3, ties: false, spacePrefix);
        var size = vocabulary.Tokens.Length + 2;
        var read = Read(vocabulary, size).Vocabulary;
        Assert.Equal(vocabulary.Tokens, read.Tokens[..^2]);
        Assert.Equal([.. vocabulary.Types, TokenType.Unused, TokenType.Unused], read.Types);
        Assert.Equal(vocabulary.Scores, read.Scores[..^2]);
        Assert.Equal((1, 2, 0, true, false, spacePrefix), (read.BeginOfText!.Value, read.EndOfText!.Value, read.Unknown!.Value, read.AddBeginOfText, read.AddEndOfText, read.AddSpacePrefix));

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("tokenizer.json"), TokenizerJsonWriter.Write(vocabulary).ToJsonString());
        File.WriteAllText(folder.Path("tokenizer.model"), "not looked at: tokenizer.json counts");
        var json = HuggingFaceVocabulary.Read(folder.Root, Config, size).Vocabulary;
        Assert.Equal(json.Tokens, read.Tokens);
        Assert.Equal(json.Types, read.Types);
        Assert.Equal(json.AddSpacePrefix, read.AddSpacePrefix);
        var (expected, actual) = (Tokenizer.From(json), Tokenizer.From(read));
        foreach (var text in TestVocabularies.TextsFor(22, 3_000))
        {
            Assert.Equal(expected.Encode(text, addSpecial: false, parseSpecial: true), actual.Encode(text, addSpecial: false, parseSpecial: true));
        }
    }

    /// <summary>Scores of which many are equal, which merges cannot state: the tokens are those of the vocabulary itself.</summary>
    [Fact]
    public void Equal_scores_are_kept()
    {
        var vocabulary = TestVocabularies.Scored(8, ties: true);
        var (expected, actual) = (Tokenizer.From(vocabulary), Tokenizer.From(Read(vocabulary, vocabulary.Tokens.Length).Vocabulary));
        foreach (var text in TestVocabularies.TextsFor(23, 2_000))
        {
            Assert.Equal(expected.Encode(text, addSpecial: true, parseSpecial: true), actual.Encode(text, addSpecial: true, parseSpecial: true));
        }
    }

    [Fact]
    public void Added_tokens_come_from_the_json_files()
    {
        var vocabulary = TestVocabularies.Scored(3, ties: false);
        vocabulary = vocabulary with { Types = vocabulary.Types.SetItem(300, TokenType.UserDefined).SetItem(301, TokenType.Unused), Tokens = vocabulary.Tokens.SetItem(300, "▁▁▁▁").SetItem(301, "<reserved>") };
        var count = vocabulary.Tokens.Length;
        var read = Read(
            vocabulary, count + 4,
            ("added_tokens.json", new() { ["<|im_start|>"] = count, ["wow"] = count + 1 }),
            ("tokenizer_config.json", new()
            {
                ["bos_token"] = "<s>",
                ["eos_token"] = new JsonObject { ["content"] = "<turn>" },
                ["add_bos_token"] = false,
                ["added_tokens_decoder"] = new JsonObject
                {
                    ["0"] = new JsonObject { ["content"] = "<unk>", ["special"] = true },
                    ["1"] = new JsonObject { ["content"] = "<s>", ["special"] = true },
                    ["301"] = new JsonObject { ["content"] = "<used>", ["special"] = true },
                    [$"{count + 2}"] = new JsonObject { ["content"] = "<turn>", ["special"] = true },
                },
            })).Vocabulary;
        Assert.Equal(["    ", "<used>", "<|im_start|>", "wow", "<turn>"], new[] { 300, 301, count, count + 1, count + 2 }.Select(id => read.Tokens[id]));
        Assert.Equal(
            [TokenType.UserDefined, TokenType.Control, TokenType.Control, TokenType.UserDefined, TokenType.Control, TokenType.Unused, TokenType.Unknown],
            new[] { 300, 301, count, count + 1, count + 2, count + 3, 0 }.Select(id => read.Types[id]));
        Assert.Equal((1, count + 2, false), (read.BeginOfText, read.EndOfText, read.AddBeginOfText));
        var tokenizer = Tokenizer.From(read);
        Assert.Contains(count + 1, tokenizer.Encode("say wow now", addSpecial: false, parseSpecial: false));
        Assert.Contains(300, tokenizer.Encode("a    b", addSpecial: false, parseSpecial: false));
        Assert.Equal([count, count + 2], tokenizer.Encode("<|im_start|><turn>", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Faults_are_refused_by_name()
    {
        var vocabulary = TestVocabularies.Scored(3, ties: false);
        var count = vocabulary.Tokens.Length;
        var sound = SentencePieceModelFile.Write(vocabulary);
        AssertRefused(SentencePieceModelFile.Write(vocabulary, kind: 1), "unigram are not supported");
        AssertRefused(SentencePieceModelFile.Write(vocabulary, kind: 4), "kind 4 are not supported");
        AssertRefused(SentencePieceModelFile.Write(vocabulary, map: "nfkc"), "'identity'), which has no place in GGUF");
        AssertRefused(SentencePieceModelFile.Write(vocabulary, removesSpaces: true), "repeated spaces");
        AssertRefused(SentencePieceModelFile.Write(vocabulary with { Tokens = vocabulary.Tokens.SetItem(400, vocabulary.Tokens[399]) }), "occurs twice, with the ids 399 and 400");
        AssertRefused(SentencePieceModelFile.Write(vocabulary with { Scores = vocabulary.Scores.SetItem(400, float.NaN) }), "piece 400");
        AssertRefused(SentencePieceModelFile.Write(vocabulary with { Types = vocabulary.Types.SetItem(400, (TokenType)9) }), "the type 9");
        AssertRefused(SentencePieceModelFile.Write(vocabulary with { Tokens = vocabulary.Tokens.SetItem(400, "") }), "piece 400 ''");
        AssertRefused([], "there are no pieces");
        AssertRefused(sound[..^3], "ends in the middle of a field");
        AssertRefused("IQ== 0\nIg== 1\nIw== 2\n"u8.ToArray(), "not a SentencePiece model, or damaged");
        AssertRefused([.. Enumerable.Repeat((byte)0xFF, 40)], "more than 10 bytes");
        AssertRefused(sound, $"the id {count - 1}, but config.json says that there are {count - 1}", size: count - 1);
        AssertRefused(sound, "'x y' is no id", file: ("tokenizer_config.json", new() { ["added_tokens_decoder"] = new JsonObject { ["x y"] = new JsonObject { ["content"] = "a" } } }));
        AssertRefused(sound, "has no spelling", file: ("tokenizer_config.json", new() { ["added_tokens_decoder"] = new JsonObject { ["5"] = new JsonObject { ["content"] = "" } } }));
        AssertRefused(sound, "the id 400 is that of", file: ("added_tokens.json", new() { ["another"] = 400 }));
        AssertRefused(sound, "has the id 9999, but", file: ("added_tokens.json", new() { ["another"] = 9_999 }));
        AssertRefused(sound, "in tokenizer.model 1", file: ("added_tokens.json", new() { ["<s>"] = 401 }));
    }

    /// <summary>Damaged models are refused in one line or give a vocabulary that works.</summary>
    [Fact]
    public void Mutated_models_are_refused_or_work()
    {
        var vocabulary = TestVocabularies.Scored(3, ties: false);
        var sound = SentencePieceModelFile.Write(vocabulary);
        var root = new Prng(31);
        int refused = 0, worked = 0;
        for (var run = 0; run < FuzzScale.Times(3_000); run++)
        {
            var random = root.Split((ulong)run);
            var bytes = sound.ToArray();
            for (var i = random.NextInt32(1, 4); i > 0; i--)
            {
                bytes[random.Chance(1, 2) ? random.NextInt32(bytes.Length) : bytes.Length - 1 - random.NextInt32(60)] = (byte)random.NextInt32(256);
            }

            var bound = HostileInputBound.Start();
            try
            {
                var model = SentencePieceModel.Parse(random.Chance(1, 8) ? bytes.AsSpan(0, random.NextInt32(bytes.Length)) : bytes, "fuzzed");
                Assert.All(model.Pieces, piece => Assert.True(piece.Spelling.Length > 0 && float.IsFinite(piece.Score)));
                worked++;
            }
            catch (InvalidFormatException e)
            {
                Assert.False(e.Message.Any(char.IsControl), e.Message);
                refused++;
            }

            bound.Check($"run {run}");
        }

        Assert.True(refused > 500 && worked > 200, $"{refused} refused, {worked} worked");
    }

    /// <summary>More pieces than any vocabulary has, of two bytes each, and a message of millions of empty fields.</summary>
    [Fact]
    public void Huge_models_are_refused_within_bounds()
    {
        byte[] empty = [.. Enumerable.Repeat((byte[])[10, 0], 10).SelectMany(field => field)];
        byte[] pieces = [.. Enumerable.Range(0, 1_100_000).SelectMany(i => (byte[])[10, 7, 10, 5, .. System.Text.Encoding.ASCII.GetBytes($"{i:X5}")])];
        byte[] others = [.. Enumerable.Repeat((byte[])[0x78, 0], 2_000_000).SelectMany(field => field)];
        foreach (var (content, refusal) in new[] { (empty, "piece 0"), (pieces, "more than 1000000 pieces"), (others, "there are no pieces") })
        {
            var bound = HostileInputBound.Start();
            var message = Assert.Throws<InvalidFormatException>(() => SentencePieceModel.Parse(content, "huge")).Message;
            bound.Check(refusal);
            Assert.Contains(refusal, message, StringComparison.Ordinal);
        }
    }

    private static JsonFields Config => JsonFile.Parse("{}"u8.ToArray(), "config.json");

    private static HuggingFaceVocabulary Read(TokenizerVocabulary vocabulary, int size, params (string Name, JsonObject Content)[] files) =>
        Read(SentencePieceModelFile.Write(vocabulary), size, files);

    private static HuggingFaceVocabulary Read(byte[] model, int size, params (string Name, JsonObject Content)[] files)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.Path("tokenizer.model"), model);
        foreach (var (name, content) in files)
        {
            File.WriteAllText(folder.Path(name), content.ToJsonString());
        }

        return HuggingFaceVocabulary.Read(folder.Root, Config, size);
    }

    private static void AssertRefused(byte[] model, string expected, int? size = null, (string Name, JsonObject Content)? file = null)
    {
        var message = Assert.Throws<InvalidFormatException>(() => Read(model, size ?? 5_000, file is { } one ? [one] : [])).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
