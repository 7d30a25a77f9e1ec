using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tests.Gguf;

namespace Rubato.Models.Tests.Quantization;

/// <summary>Llama models of random weights with metadata of every kind, as files in memory.</summary>
internal static class RandomLlama
{
    /// <summary>Rows of 256 numbers for most tensors, of 2 for the others: small, and still home to the K types.</summary>
    internal static ModelConfiguration Narrow { get; } = new()
    {
        ContextLength = 8,
        EmbeddingLength = 256,
        BlockCount = 1,
        FeedForwardLength = 2,
        HeadCount = 1,
        KeyValueHeadCount = 1,
        HeadLength = 2,
        RmsNormEpsilon = 1e-5f,
        RopeDimensionCount = 2,
        VocabularySize = 3,
        TiedHead = true,
    };

    /// <summary>Rows of 256 and 352 numbers.</summary>
    internal static ModelConfiguration Wide { get; } = Narrow with
    {
        FeedForwardLength = 352, HeadCount = 4, KeyValueHeadCount = 2, HeadLength = 64, RopeDimensionCount = 64, VocabularySize = 40, TiedHead = false,
    };

    internal static byte[] Bytes(ModelConfiguration configuration, ulong seed, GgmlType type = GgmlType.F32)
    {
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        writer.Set("general.name", "random");
        writer.Set("general.file_type", 0u);
        writer.Set("tokenizer.ggml.tokens", GgufArray.Of<string>([.. Enumerable.Range(0, configuration.VocabularySize).Select(i => $"t{i}")]));
        foreach (var tensor in configuration.Tensors())
        {
            var prng = new Prng(seed).Split(tensor.Name);
            var isVector = tensor.Dimensions.Length == 1;
            writer.AddTensor(tensor.Name, tensor.Dimensions, isVector ? GgmlType.F32 : type, (_, row) =>
            {
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = (isVector ? 1 : 0) + (0.1f * (float)(prng.NextDouble() + prng.NextDouble() + prng.NextDouble() - 1.5));
                }
            });
        }

        return GgufRoundTripTests.Bytes(writer);
    }

    internal static GgufFile File(ModelConfiguration configuration, ulong seed, GgmlType type = GgmlType.F32) =>
        GgufFile.Parse(Bytes(configuration, seed, type), "random.gguf");
}
