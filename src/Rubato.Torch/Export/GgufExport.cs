using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;
using Rubato.Torch.Llama;

namespace Rubato.Torch.Export;

/// <summary>Writes a trained model as a GGUF file that llama.cpp and Rubato run.</summary>
public static class GgufExport
{
    /// <summary>Writes <paramref name="model"/> to <paramref name="path"/>, atomically.</summary>
    /// <param name="model">The model.</param>
    /// <param name="vocabulary">Its tokenizer; as many tokens as the model has.</param>
    /// <param name="path">The target; its folder exists.</param>
    /// <param name="type">F32, F16, BF16 or Q8_0, for matrices; vectors are always F32.</param>
    /// <param name="description">Further metadata by key, such as <c>general.name</c> and how the model was trained.</param>
    /// <exception cref="RubatoException">The file cannot be written, or the sizes do not fit the type.</exception>
    public static void Write(
        LlamaModule model, TokenizerVocabulary vocabulary, string path, GgmlType type, IReadOnlyDictionary<string, string> description)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(description);
        Check.Invariant(vocabulary.Tokens.Length == model.Configuration.VocabularySize, $"{vocabulary.Tokens.Length} tokens");
        var writer = new GgufWriter();
        model.Configuration.WriteTo(writer);
        writer.Set("general.type", "model");
        writer.Set("general.file_type", FileType(type));
        foreach (var (key, value) in description)
        {
            writer.Set(key, value);
        }

        vocabulary.WriteTo(writer);
        GgufWeights.AddTensors(model, writer, type);
        writer.Write(path);
    }

    /// <summary>The types that a model can be written in, by the names that users give.</summary>
    public static ImmutableSortedDictionary<string, GgmlType> Types { get; } = ImmutableSortedDictionary<string, GgmlType>.Empty
        .WithComparers(StringComparer.OrdinalIgnoreCase)
        .Add("F32", GgmlType.F32).Add("F16", GgmlType.F16).Add("BF16", GgmlType.BF16).Add("Q8_0", GgmlType.Q8_0);

    /// <summary>The format's number for "mostly this type".</summary>
    private static uint FileType(GgmlType type) => type switch
    {
        GgmlType.F32 => 0,
        GgmlType.F16 => 1,
        GgmlType.Q8_0 => 7,
        GgmlType.BF16 => 32,
        _ => throw new InvalidOptionException($"--type {type}: choose one of {string.Join(", ", Types.Keys)}."),
    };
}
