using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;

namespace Rubato.Models.Quantization;

/// <summary>What a model is to be quantised to.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The type of the matrices; one of <see cref="QuantizationRules.Types"/>.</summary>
    public required GgmlType Type { get; init; }

    /// <summary>Give the output head the same type as the other matrices.</summary>
    public bool Pure { get; init; }

    /// <summary>Take tensors that were quantised before, whose errors then add up. To F32 they may always go: nothing is lost.</summary>
    public bool AllowRequantize { get; init; }

    /// <summary>Threads that search for good scales. Range 1…1024; by default <see cref="AvailableProcessors.Threads"/>.</summary>
    public int Threads { get; init; } = AvailableProcessors.Current.Threads;
}
