using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.Models.HuggingFace;
using Rubato.Models.HuggingFace.Tokenization;
using Rubato.Models.Tests.Files;
using Rubato.Models.Tests.Tokenizers;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.HuggingFace;

public sealed class HuggingFaceVocabularyTests
{
    /// <summary>Text gets the tokens that the vocabulary gives which the file was written from, however the file spells merges.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tokenizer_read_from_json_gives_the_same_tokens(bool mergesInPairs)
    {
        TokenizerVocabulary[] vocabularies =
        [
            TestVocabularies.ByteLevel(), TestVocabularies.Scored(3, ties: false), TestVocabularies.Scored(4, ties: false, spacePrefix: false),
        ];
        foreach (var vocabulary in vocabularies)
        {
            var read = Read(TokenizerJsonWriter.Write(vocabulary, mergesInPairs), vocabulary.Tokens.Length + 2).Vocabulary;
            Assert.Equal(vocabulary.Tokens, read.Tokens[..^2]);
            Assert.Equal([.. vocabulary.Types, TokenType.Unused, TokenType.Unused], read.Types);
            Assert.Equal(vocabulary.Merges, read.Merges);
            Assert.Equal(vocabulary.AddSpacePrefix, read.AddSpacePrefix);
            var (expected, actual) = (Tokenizer.From(vocabulary), Tokenizer.From(read));
            foreach (var text in TestVocabularies.TextsFor(21, 3_000))
            {
                Assert.Equal(expected.Encode(text, addSpecial: false, parseSpecial: true), actual.Encode(text, addSpecial: false, parseSpecial: true));
            }
        }
    }

    [Fact]
    public void Special_tokens_come_from_the_files_that_name_them()
    {
        var vocabulary = TestVocabularies.ByteLevel();
        int Id(string spelling) => vocabulary.Tokens.IndexOf(spelling);
        var files = new Dictionary<string, JsonObject>
        {
            ["tokenizer_config.json"] = new() { ["bos_token"] = "<|im_start|>", ["eos_token"] = new JsonObject { ["content"] = "<|im_end|>" }, ["add_bos_token"] = true },
            ["special_tokens_map.json"] = new() { ["pad_token"] = "<|pad|>", ["eos_token"] = "<|pad|>" },
            ["generation_config.json"] = new() { ["eos_token_id"] = new JsonArray(Id("<|im_end|>"), Id("<|endoftext|>")) },
        };
        var read = Read(TokenizerJsonWriter.Write(vocabulary), vocabulary.Tokens.Length, files).Vocabulary;
        Assert.Equal((Id("<|im_start|>"), Id("<|im_end|>"), Id("<|endoftext|>"), Id("<|pad|>")), (read.BeginOfText!.Value, read.EndOfText!.Value, read.EndOfTurn!.Value, read.Padding!.Value));
        Assert.True(read is { AddBeginOfText: true, AddEndOfText: false });
    }

    [Fact]
    public void The_post_processor_says_whether_texts_begin_with_a_token()
    {
        var vocabulary = TestVocabularies.ByteLevel();
        var tokenizer = TokenizerJsonWriter.Write(vocabulary);
        JsonObject Item(string kind, string id) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };
        tokenizer["post_processor"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["processors"] = new JsonArray(
                new JsonObject { ["type"] = "ByteLevel" },
                new JsonObject { ["type"] = "TemplateProcessing", ["single"] = new JsonArray(Item("SpecialToken", "<|im_start|>"), Item("Sequence", "A")) }),
        };
        var files = new Dictionary<string, JsonObject> { ["tokenizer_config.json"] = new() { ["bos_token"] = "<|im_start|>" } };
        Assert.True(Read(tokenizer, vocabulary.Tokens.Length, files).Vocabulary.AddBeginOfText);
        files["tokenizer_config.json"]["add_bos_token"] = false;
        Assert.False(Read(tokenizer, vocabulary.Tokens.Length, files).Vocabulary.AddBeginOfText);
    }

    [Fact]
    public void Chat_templates_are_found_in_every_place()
    {
        var tokenizer = TokenizerJsonWriter.Write(TestVocabularies.ByteLevel());
        JsonObject Entry(string name, string template) => new() { ["name"] = name, ["template"] = template };
        var files = new Dictionary<string, JsonObject> { ["tokenizer_config.json"] = new() { ["chat_template"] = new JsonArray(Entry("default", "a"), Entry("tool_use", "b")) } };
        var read = Read(tokenizer, 500, files);
        Assert.Equal("a", read.Vocabulary.ChatTemplate);
        var writer = new Models.Gguf.GgufWriter();
        read.WriteTo(writer);
        Assert.Equal("b", writer.Metadata.GetString("tokenizer.chat_template.tool_use"));
        Assert.Equal(["tool_use"], writer.Metadata.GetArray<string>("tokenizer.chat_templates"));
        Assert.Equal("c", Read(tokenizer, 500, files, jinja: "c").Vocabulary.ChatTemplate);
        files["tokenizer_config.json"]["chat_template"] = new JsonArray(Entry("no/name", "a"));
        Assert.Contains("is no name for a template", Assert.Throws<InvalidFormatException>(() => Read(tokenizer, 500, files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_are_refused_by_name()
    {
        AssertRefused(json => json["model"]!["type"] = "Unigram", "'Unigram' are not supported");
        AssertRefused(json => json["model"]!["vocab"]!["A"] = 1, "which another has as well");
        AssertRefused(json => json["model"]!["vocab"]!["zz"] = 500, "config.json says that there are 500");
        AssertRefused(json => json["model"]!["vocab"]!["zz"] = -1, "an id of 0");
        AssertRefused(json => json["model"]!["merges"]!.AsArray().Insert(0, "Q"), "merges[0]");
        AssertRefused(json => json["model"]!["merges"]!.AsArray().Insert(0, "Q zzz"), "are not tokens");
        AssertRefused(json => json["model"]!["merges"]!.AsArray().Insert(0, new JsonArray("Q", "Q", "Q")), "merges[0]");
        AssertRefused(json => json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 65, ["content"] = "<x>" }), "the id 65 is that of");
        AssertRefused(json => json["normalizer"] = new JsonObject { ["type"] = "Lowercase" }, "'Lowercase' has no place");
        AssertRefused(json => json["pre_tokenizer"] = new JsonObject { ["type"] = "Whitespace" }, "'Whitespace' are not supported");
        AssertRefused(json => json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = "a+", "the pre-tokenizer 'a+' is not supported; supported are");
        AssertRefused(json => json["pre_tokenizer"]!["pretokenizers"]![0]!["behavior"] = "Removed", "'Removed', not inverted");
        AssertRefused(json => json["pre_tokenizer"]!["pretokenizers"]![1]!["add_prefix_space"] = true, "add_prefix_space");
        AssertRefused(json => json["model"]!["dropout"] = 0.1, "dropout");
        AssertRefused(json => json["model"]!["vocab"]!.AsObject().Remove("A"), "0x41");
    }

    /// <summary>The expressions as published files spell them: with possessive quantifiers, in either form of the contractions, over several steps.</summary>
    [Theory]
    [InlineData("llama-bpe", true, @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    [InlineData("dbrx", false, @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")]
    [InlineData("qwen35", false, @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    [InlineData("tekken", true, @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    [InlineData("deepseek-v3", false, @"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    [InlineData("deepseek-coder", false, "[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+", "Digits")]
    [InlineData("smollm", false, "Digits", "ByteLevel")]
    [InlineData("gpt-2", false, "ByteLevel")]
    public void Pre_tokenizers_are_recognised(string name, bool ignoresMerges, params string[] steps)
    {
        var tokenizer = TokenizerJsonWriter.Write(TestVocabularies.ByteLevel());
        tokenizer["model"]!["ignore_merges"] = ignoresMerges;
        tokenizer["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray([.. steps.Append("Bytes").Select(step => (JsonNode)(step switch
            {
                "Digits" => new JsonObject { ["type"] = "Digits", ["individual_digits"] = true },
                "ByteLevel" => new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
                "Bytes" => new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false },
                _ => new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = step }, ["behavior"] = "Isolated" },
            }))]),
        };
        Assert.Equal(name, Read(tokenizer, 500).Vocabulary.PreTokenizer);
    }

    /// <summary>Scores cannot say what merges say that jump between tokens.</summary>
    [Fact]
    public void Merges_that_no_scores_can_state_are_refused()
    {
        var tokenizer = TokenizerJsonWriter.Write(TestVocabularies.Scored(3, ties: false));
        var merges = tokenizer["model"]!["merges"]!.AsArray();
        merges.Add(merges[0]!.DeepClone());
        Assert.Contains("do not follow each other", Assert.Throws<InvalidFormatException>(() => Read(tokenizer, 1_000)).Message, StringComparison.Ordinal);
    }

    private static HuggingFaceVocabulary Read(JsonObject tokenizer, int size, Dictionary<string, JsonObject>? files = null, string? jinja = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("tokenizer.json"), tokenizer.ToJsonString());
        foreach (var (name, content) in files ?? [])
        {
            File.WriteAllText(folder.Path(name), content.ToJsonString());
        }

        if (jinja is not null)
        {
            File.WriteAllText(folder.Path("chat_template.jinja"), jinja);
        }

        return HuggingFaceVocabulary.Read(folder.Root, JsonFile.Parse("{}"u8.ToArray(), "config.json"), size);
    }

    private static void AssertRefused(Action<JsonObject> change, string expected)
    {
        var tokenizer = TokenizerJsonWriter.Write(TestVocabularies.ByteLevel());
        change(tokenizer);
        var message = Assert.Throws<InvalidFormatException>(() => Read(tokenizer, 500)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
