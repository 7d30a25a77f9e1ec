using System.Collections.Immutable;
using Rubato.Models.Quantization;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>What a converted file holds, beside the folder that it was made from.</summary>
public sealed record ConversionReport
{
    /// <summary>The architecture's name in config.json.</summary>
    public required string SourceArchitecture { get; init; }

    /// <summary>Value of <c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The type of the matrices.</summary>
    public required string Type { get; init; }

    /// <summary>Number of values in all tensors.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of the tensors that were read.</summary>
    public required long SourceBytes { get; init; }

    /// <summary>Bytes of all tensors in the new file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Number of tokens, places that no token has included.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Value of <c>tokenizer.ggml.model</c>.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>Value of <c>tokenizer.ggml.pre</c>.</summary>
    public required string PreTokenizer { get; init; }

    /// <summary>Whether the file has a chat template.</summary>
    public required bool HasChatTemplate { get; init; }

    /// <summary>What a user should know, a line each: what was left out, what this program cannot run.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>The tensors in the file's order.</summary>
    public required ImmutableArray<QuantizedTensor> Tensors { get; init; }
}
