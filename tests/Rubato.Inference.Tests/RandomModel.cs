using Rubato.Core;
using Rubato.Models;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Tests;

/// <summary>Small models with random weights, written and read through the real GGUF code.</summary>
internal static class RandomModel
{
    public static ModelConfiguration Configuration { get; } = new()
    {
        ContextLength = 256,
        EmbeddingLength = 64,
        BlockCount = 2,
        FeedForwardLength = 96,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadLength = 16,
        RmsNormEpsilon = 1e-5f,
        RopeDimensionCount = 16,
        VocabularySize = 97,
        TiedHead = true,
    };

    public static GgufFile Write(
        ModelConfiguration configuration, ulong seed, Func<string, GgmlType>? type = null, Func<string, float, float>? change = null,
        TokenizerVocabulary? vocabulary = null)
    {
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        vocabulary?.WriteTo(writer);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            var prng = new Prng(seed).Split(name);
            var isVector = dimensions.Length == 1;
            var (centre, amplitude) = name.EndsWith("norm.weight", StringComparison.Ordinal) ? (1f, 0.2f)
                : name.StartsWith("rope_", StringComparison.Ordinal) ? (2.5f, 1.5f)
                : name.EndsWith(".bias", StringComparison.Ordinal) ? (0f, 0.5f)
                : (0f, 2f / MathF.Sqrt(dimensions[0]));
            writer.AddTensor(name, dimensions, isVector ? GgmlType.F32 : type?.Invoke(name) ?? GgmlType.F32, (_, row) =>
            {
                for (var i = 0; i < row.Length; i++)
                {
                    var value = centre + (amplitude * ((2 * (float)prng.NextDouble()) - 1));
                    row[i] = change?.Invoke(name, value) ?? value;
                }
            });
        }

        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return GgufFile.Parse(stream.ToArray(), "random.gguf");
    }

    public static int[] Tokens(ModelConfiguration configuration, int count, ulong seed)
    {
        var prng = new Prng(seed);
        return [.. Enumerable.Range(0, count).Select(_ => prng.NextInt32(configuration.VocabularySize))];
    }
}
