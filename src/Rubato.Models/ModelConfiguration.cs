using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models;

/// <summary>
/// Sizes and constants of a Llama-family model: RMS norm before each layer, rotary positions, grouped-query attention, SwiGLU,
/// no biases.
/// </summary>
/// <remarks>
/// Rotary positions of the architecture "llama" turn NEIGHBOURING values: in every query and key head the pairs (2i, 2i + 1),
/// i &lt; <see cref="RopeDimensionCount"/> ÷ 2, are rotated by the angle position × <see cref="RopeTheta"/>^(−2i ÷
/// <see cref="RopeDimensionCount"/>); values from <see cref="RopeDimensionCount"/> on stay. (Hugging Face checkpoints pair i with
/// i + d ÷ 2 instead; their query and key rows must be reordered on import.) Training and inference both follow this rule.
/// </remarks>
public sealed record ModelConfiguration
{
    /// <summary>Value of <c>general.architecture</c>.</summary>
    public const string ArchitectureName = "llama";

    /// <summary>Base of the rotary angles where a file names none.</summary>
    public const float RopeThetaDefault = 10_000;

    private const int SizeMax = 1 << 24; // Far above any model; products of two sizes stay far from overflow.

    /// <summary>Longest sequence in tokens that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Number of values per token between the layers.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Number of blocks (attention and feed-forward).</summary>
    public required int BlockCount { get; init; }

    /// <summary>Number of values inside a feed-forward layer.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key and value heads; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Number of values in a query, key or value head.</summary>
    public required int HeadLength { get; init; }

    /// <summary>Added to the mean square in every RMS norm; in (0, 1).</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary angles; more than 1.</summary>
    public float RopeTheta { get; init; } = RopeThetaDefault;

    /// <summary>How many values of a head the rotation covers; even, at most <see cref="HeadLength"/>.</summary>
    public required int RopeDimensionCount { get; init; }

    /// <summary>Number of tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Whether the output head is the token embedding itself.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Number of values in all query heads together.</summary>
    public int QueryLength => HeadCount * HeadLength;

    /// <summary>Number of values in all key heads together; the same for the value heads.</summary>
    public int KeyValueLength => KeyValueHeadCount * HeadLength;

    /// <summary>Number of parameters, a tied head counted once.</summary>
    public long ParameterCount => Tensors().Sum(t => t.ElementCount);

    /// <summary>Reads the configuration of <paramref name="file"/> and checks that its tensors are the ones it calls for.</summary>
    /// <exception cref="InvalidFormatException">The file holds another architecture or contradicts itself.</exception>
    public static ModelConfiguration FromGguf(GgufFile file) => ConfigurationGguf.Read(file);

    /// <summary>Sets the architecture's metadata keys. Tensors, tokenizer and names are the caller's to add.</summary>
    public void WriteTo(GgufWriter writer) => ConfigurationGguf.Write(this, writer);

    /// <summary>Every rule that the values break, one line each; empty when the configuration is sound.</summary>
    public IEnumerable<string> Problems()
    {
        (string Name, int Value)[] sizes =
        [
            ("context length", ContextLength), ("embedding length", EmbeddingLength), ("block count", BlockCount),
            ("feed-forward length", FeedForwardLength), ("head count", HeadCount), ("key-value head count", KeyValueHeadCount),
            ("head length", HeadLength), ("rotary dimension count", RopeDimensionCount), ("vocabulary size", VocabularySize),
        ];
        foreach (var (name, value) in sizes.Where(size => size.Value is < 1 or > SizeMax))
        {
            yield return $"the {name} is {value}; it must lie in 1 … {SizeMax}";
        }

        if (KeyValueHeadCount > 0 && HeadCount % KeyValueHeadCount != 0)
        {
            yield return $"{HeadCount} heads cannot share {KeyValueHeadCount} key-value heads evenly";
        }

        if ((long)HeadCount * HeadLength > SizeMax)
        {
            yield return $"{HeadCount} heads of {HeadLength} values are more than {SizeMax} values";
        }

        if (RopeDimensionCount % 2 != 0 || RopeDimensionCount > HeadLength)
        {
            yield return $"the rotary dimension count is {RopeDimensionCount}; it must be even and at most the head length, {HeadLength}";
        }

        if (!(RmsNormEpsilon > 0 && RmsNormEpsilon < 1))
        {
            yield return $"the RMS norm epsilon is {RmsNormEpsilon}; it must lie between 0 and 1";
        }

        if (!(RopeTheta > 1 && float.IsFinite(RopeTheta)))
        {
            yield return $"the rotary base is {RopeTheta}; it must be finite and more than 1";
        }
    }

    /// <summary>The tensors of a model with this configuration, in the order in which they are written.</summary>
    public IEnumerable<ModelTensor> Tensors()
    {
        yield return new(TensorNames.TokenEmbedding, [EmbeddingLength, VocabularySize]);
        for (var block = 0; block < BlockCount; block++)
        {
            yield return new(TensorNames.AttentionNorm(block), [EmbeddingLength]);
            yield return new(TensorNames.AttentionQuery(block), [EmbeddingLength, QueryLength]);
            yield return new(TensorNames.AttentionKey(block), [EmbeddingLength, KeyValueLength]);
            yield return new(TensorNames.AttentionValue(block), [EmbeddingLength, KeyValueLength]);
            yield return new(TensorNames.AttentionOutput(block), [QueryLength, EmbeddingLength]);
            yield return new(TensorNames.FeedForwardNorm(block), [EmbeddingLength]);
            yield return new(TensorNames.FeedForwardGate(block), [EmbeddingLength, FeedForwardLength]);
            yield return new(TensorNames.FeedForwardUp(block), [EmbeddingLength, FeedForwardLength]);
            yield return new(TensorNames.FeedForwardDown(block), [FeedForwardLength, EmbeddingLength]);
        }

        yield return new(TensorNames.OutputNorm, [EmbeddingLength]);
        if (!TiedHead)
        {
            yield return new(TensorNames.Output, [EmbeddingLength, VocabularySize]);
        }
    }
}
