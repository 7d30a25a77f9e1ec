using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models;
using Rubato.Models.Architectures;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Bench;

/// <summary>Models of random weights: good for speed, whose text means nothing.</summary>
internal static class RandomModelFile
{
    /// <summary>Their shapes by name. Widths are multiples of 256, so that every block type fits.</summary>
    public static Dictionary<string, ModelConfiguration> Models { get; } = new()
    {
        ["5M"] = Model(embedding: 256, blocks: 4, feedForward: 768, heads: 4, sharedHeads: 2, vocabulary: 4096),
        ["100M"] = Model(embedding: 768, blocks: 12, feedForward: 2048, heads: 12, sharedHeads: 4, vocabulary: 16384),
        ["134M"] = Model(embedding: 768, blocks: 15, feedForward: 2048, heads: 12, sharedHeads: 4, vocabulary: 51200),
        ["200M-experts"] = Model(embedding: 768, blocks: 8, feedForward: 2048, heads: 12, sharedHeads: 4, vocabulary: 51200) with
        {
            Architecture = ModelArchitecture.Qwen3Moe,
            Experts = new() { Count = 32, UsedCount = 4, FeedForwardLength = 256, NormalizesWeights = true },
        },
        ["1100M"] = Model(embedding: 2048, blocks: 22, feedForward: 5632, heads: 32, sharedHeads: 4, vocabulary: 32000),
    };

    /// <summary>Writes one of the models as float32, with a vocabulary of single bytes and names without meaning.</summary>
    public static void Write(string name, string path)
    {
        if (!Models.TryGetValue(name, out var configuration))
        {
            throw new InvalidOptionException($"model {name}: not one of {string.Join(", ", Models.Keys)}.");
        }

        var writer = Create(configuration, GgmlType.F32);
        writer.Set("general.name", $"random {name}");
        Vocabulary(configuration.VocabularySize).WriteTo(writer);
        writer.Write(path);
    }

    /// <summary>A model of one type whose norms are ones and whose other weights are small and uniform, from seed 1.</summary>
    public static GgufWriter Create(ModelConfiguration configuration, GgmlType type)
    {
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        var prng = new Prng(1);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            writer.AddTensor(name, dimensions, dimensions.Length == 1 ? GgmlType.F32 : type, (_, row) =>
            {
                foreach (ref var value in row)
                {
                    value = dimensions.Length == 1 ? 1 : 0.1f * ((float)prng.NextDouble() - 0.5f);
                }
            });
        }

        return writer;
    }

    private static TokenizerVocabulary Vocabulary(int size)
    {
        // The byte-level alphabet spells printable bytes as themselves and the others, in order, from U+0100 on.
        var others = 0;
        var bytes = Enumerable.Range(0, 256)
            .Select(value => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)value : (char)(256 + others++))
            .Select(character => character.ToString())
            .ToArray();
        ImmutableArray<string> tokens = [.. bytes, "to", .. Enumerable.Range(257, size - 258).Select(i => $"token{i}"), "<end>"];
        return new()
        {
            Model = "gpt2",
            PreTokenizer = "gpt-2",
            Tokens = tokens,
            Types = [.. Enumerable.Repeat(TokenType.Normal, size - 1), TokenType.Control],
            Merges = ["t o"],
            EndOfText = size - 1,
            BeginOfText = size - 1,
        };
    }

    private static ModelConfiguration Model(int embedding, int blocks, int feedForward, int heads, int sharedHeads, int vocabulary) => new()
    {
        ContextLength = 4096,
        EmbeddingLength = embedding,
        BlockCount = blocks,
        FeedForwardLength = feedForward,
        HeadCount = heads,
        KeyValueHeadCount = sharedHeads,
        HeadLength = embedding / heads,
        RmsNormEpsilon = 1e-5f,
        RopeDimensionCount = embedding / heads,
        VocabularySize = vocabulary,
        TiedHead = true,
    };
}
