using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Kernels.Quantized;

namespace Rubato.Models.Gguf;

/// <summary>Rows of floats to the bytes of a tensor and back, for the supported types.</summary>
/// <remarks>
/// F16 and BF16 round to the nearest value, ties to even; too large numbers become infinite, NaN stays NaN. The quantised types
/// are those of <see cref="QuantizedRows"/>.
/// </remarks>
public static class GgmlCodec
{
    /// <summary>Encodes whole blocks of <paramref name="values"/>.</summary>
    /// <param name="type">A supported type.</param>
    /// <param name="values">A row, or any whole number of blocks.</param>
    /// <param name="destination">Exactly the bytes that the values take.</param>
    /// <exception cref="NotSupportedException">The type has no encoder.</exception>
    /// <exception cref="RubatoException">Quantised types only: a value is not finite, or too large for the type.</exception>
    public static void Encode(GgmlType type, ReadOnlySpan<float> values, Span<byte> destination)
    {
        CheckLength(type, values.Length, destination.Length);
        switch (type)
        {
            case GgmlType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(destination);
                break;
            case GgmlType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (var i = 0; i < values.Length; i++)
                {
                    halves[i] = (Half)values[i];
                }

                break;
            case GgmlType.BF16:
                var brains = MemoryMarshal.Cast<byte, ushort>(destination);
                for (var i = 0; i < values.Length; i++)
                {
                    brains[i] = ToBFloat16(values[i]);
                }

                break;
            default:
                QuantizedRows.Encode(type.TryWeightFormat()!.Value, values, destination);
                break;
        }
    }

    /// <summary>Decodes whole blocks from <paramref name="source"/>.</summary>
    /// <param name="type">A supported type.</param>
    /// <param name="source">Exactly the bytes that the values take.</param>
    /// <param name="values">A row, or any whole number of blocks.</param>
    /// <exception cref="NotSupportedException">The type has no decoder.</exception>
    public static void Decode(GgmlType type, ReadOnlySpan<byte> source, Span<float> values)
    {
        CheckLength(type, values.Length, source.Length);
        switch (type)
        {
            case GgmlType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case GgmlType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(source);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)halves[i];
                }

                break;
            case GgmlType.BF16:
                var brains = MemoryMarshal.Cast<byte, ushort>(source);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)brains[i] << 16);
                }

                break;
            default:
                QuantizedRows.Decode(type.TryWeightFormat()!.Value, source, values);
                break;
        }
    }

    private static void CheckLength(GgmlType type, int values, int bytes)
    {
        if (!type.IsSupported())
        {
            throw new NotSupportedException(
                $"Tensors of type {type} cannot be read or written; types that work: {GgmlTypeInfo.SupportedNames}.");
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes, type.RowBytes(values));
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
        {
            return (ushort)((bits >> 16) | 0x40); // Quiet, so that cutting the low bits cannot turn it into infinity.
        }

        var roundUp = 0x7FFF + ((bits >> 16) & 1);
        return (ushort)(unchecked(bits + roundUp) >> 16);
    }
}
