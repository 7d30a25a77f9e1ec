using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models;

/// <summary>What a model file holds, for people and for JSON: made from the file's own words, so every architecture works.</summary>
public sealed record ModelSummary
{
    /// <summary>Value of <c>general.architecture</c>, or null.</summary>
    public required string? Architecture { get; init; }

    /// <summary>Value of <c>general.name</c>, or null.</summary>
    public required string? Name { get; init; }

    /// <summary>Number of values in all tensors.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Version of the GGUF format.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Longest sequence in tokens, or null where the file does not say.</summary>
    public required ulong? ContextLength { get; init; }

    /// <summary>Kind of tokenizer (<c>tokenizer.ggml.model</c>), or null.</summary>
    public required string? Tokenizer { get; init; }

    /// <summary>Number of tokens, or null without a tokenizer.</summary>
    public required int? VocabularySize { get; init; }

    /// <summary>Whether every tensor has a type that Rubato computes with.</summary>
    public required bool AllTypesSupported { get; init; }

    /// <summary>Why the model does not run here, or null: it does.</summary>
    public required string? Obstacle { get; init; }

    /// <summary>Totals per type, the largest first.</summary>
    public required ImmutableArray<TypeSummary> Types { get; init; }

    /// <summary>The tensors in the file's order.</summary>
    public required ImmutableArray<TensorSummary> Tensors { get; init; }

    /// <summary>Summarises <paramref name="file"/>. Keys of an unexpected type count as absent.</summary>
    public static ModelSummary FromGguf(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var architecture = Text(file, "general.architecture");
        return new()
        {
            Architecture = architecture,
            Name = Text(file, "general.name"),
            ParameterCount = file.Tensors.Sum(t => t.ElementCount),
            FileBytes = file.ByteLength,
            FormatVersion = file.Version,
            ContextLength = file.Metadata.TryGet($"{architecture}.context_length", out var context)
                && context.AsInteger is { } length && length >= 0 ? (ulong)length : null,
            Tokenizer = Text(file, "tokenizer.ggml.model"),
            VocabularySize = file.Metadata.TryGet("tokenizer.ggml.tokens", out var tokens) ? tokens.AsArray?.Count : null,
            AllTypesSupported = file.Tensors.All(t => t.Type.IsSupported()),
            Obstacle = ObstacleIn(file),
            Types =
            [
                .. file.Tensors.GroupBy(t => t.Type).Select(TypeSummary.Of)
                    .OrderByDescending(t => t.Bytes).ThenBy(t => t.Type, StringComparer.Ordinal),
            ],
            Tensors = [.. file.Tensors.Select(TensorSummary.Of)],
        };
    }

    private static string? ObstacleIn(GgufFile file)
    {
        try
        {
            ModelConfiguration.FromGguf(file);
            return null;
        }
        catch (InvalidFormatException refusal)
        {
            return refusal.Message;
        }
    }

    private static string? Text(GgufFile file, string key) => file.Metadata.TryGet(key, out var value) ? value.AsString : null;
}

/// <summary>Totals of the tensors of one type.</summary>
/// <param name="Type">The type's published name.</param>
/// <param name="Supported">Whether Rubato computes with it.</param>
/// <param name="TensorCount">Number of tensors.</param>
/// <param name="ParameterCount">Number of values.</param>
/// <param name="Bytes">Number of bytes.</param>
public sealed record TypeSummary(string Type, bool Supported, int TensorCount, long ParameterCount, long Bytes)
{
    internal static TypeSummary Of(IGrouping<GgmlType, GgufTensor> tensors) => new(
        tensors.Key.ToString(),
        tensors.Key.IsSupported(),
        tensors.Count(),
        tensors.Sum(t => t.ElementCount),
        tensors.Sum(t => t.ByteLength));
}

/// <summary>One tensor of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type's published name.</param>
/// <param name="Dimensions">In the file's order: the length of a row first.</param>
/// <param name="Bytes">Number of bytes.</param>
public sealed record TensorSummary(string Name, string Type, ImmutableArray<long> Dimensions, long Bytes)
{
    internal static TensorSummary Of(GgufTensor tensor) => new(tensor.Name, tensor.Type.ToString(), tensor.Dimensions, tensor.ByteLength);
}
