using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Quantization;

/// <summary>Which type a tensor gets. The rules follow those of llama.cpp where that has no importance matrix.</summary>
public static class QuantizationRules
{
    /// <summary>The types that a model can be quantised to, with the format's number for a file that is mostly of that type.</summary>
    public static ImmutableArray<(GgmlType Type, uint FileType)> Types { get; } =
    [
        (GgmlType.F32, 0), (GgmlType.F16, 1), (GgmlType.BF16, 32), (GgmlType.Q8_0, 7), (GgmlType.Q6_K, 18), (GgmlType.Q5_K, 16),
        (GgmlType.Q5_1, 9), (GgmlType.Q5_0, 8), (GgmlType.Q4_K, 14), (GgmlType.Q4_1, 3), (GgmlType.Q4_0, 2), (GgmlType.IQ4_NL, 25),
        (GgmlType.Q3_K, 11), (GgmlType.Q2_K, 10),
    ];

    /// <summary>The type that a user calls <paramref name="name"/>, in letters of either case.</summary>
    /// <exception cref="InvalidOptionException">There is none; the message lists those that there are.</exception>
    public static GgmlType Parse(string name)
    {
        foreach (var (type, _) in Types)
        {
            if (type.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return type;
            }
        }

        // The names of other programs' mixtures (Q4_K_M) begin with that of a type.
        var near = Types.Select(entry => entry.Type.ToString()).FirstOrDefault(type => name.StartsWith(type + "_", StringComparison.OrdinalIgnoreCase));
        throw new InvalidOptionException(
            $"--type {name}: choose one of {string.Join(", ", Types.Select(entry => entry.Type))}.{(near is null ? "" : $" Did you mean {near}?")}");
    }

    /// <summary>The format's number for a file that is mostly of <paramref name="type"/> (<c>general.file_type</c>).</summary>
    public static uint FileType(GgmlType type) => Types.First(entry => entry.Type == type).FileType;

    /// <summary>The type for a tensor, and why.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="isOutputHead">Whether the logits come from it.</param>
    /// <param name="options">What was asked for.</param>
    public static (GgmlType Type, QuantizationReason Reason) Choose(GgufTensor tensor, bool isOutputHead, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(options);
        if (tensor.Dimensions.Length < 2)
        {
            return (GgmlType.F32, QuantizationReason.Vector);
        }

        if (TensorNames.IsRouter(tensor.Name))
        {
            return (GgmlType.F32, QuantizationReason.Router);
        }

        var isSmaller = options.Type.IsQuantized() && options.Type is not (GgmlType.Q8_0 or GgmlType.Q6_K);
        var (type, reason) = isOutputHead && isSmaller && !options.Pure
            ? (GgmlType.Q6_K, QuantizationReason.OutputHead)
            : (options.Type, QuantizationReason.Asked);
        while (tensor.RowLength % type.BlockSize() != 0)
        {
            (type, reason) = (Fallback(type), QuantizationReason.RowLength);
        }

        return (type, reason);
    }

    /// <summary>The next larger type with smaller blocks.</summary>
    private static GgmlType Fallback(GgmlType type) => type switch
    {
        GgmlType.Q2_K or GgmlType.Q3_K => GgmlType.IQ4_NL,
        GgmlType.Q4_K => GgmlType.Q5_0,
        GgmlType.Q5_K => GgmlType.Q5_1,
        GgmlType.Q6_K => GgmlType.Q8_0,
        _ => GgmlType.F16,
    };
}
