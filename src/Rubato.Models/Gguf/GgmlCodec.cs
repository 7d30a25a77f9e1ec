using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Rubato.Core;

namespace Rubato.Models.Gguf;

/// <summary>Rows of floats to the bytes of a tensor and back, for the supported types.</summary>
/// <remarks>
/// F16 and BF16 round to the nearest value, ties to even; too large numbers become infinite, NaN stays NaN. Q8_0 stores blocks
/// of 32 values as an F16 scale d = max|x| ÷ 127 and 32 signed bytes x ÷ d, rounded to the nearest, ties away from zero; the
/// division is by the scale before its own rounding, as in the ggml reference, so that the bytes are equal to its.
/// </remarks>
public static class GgmlCodec
{
    private const int Q8BlockValues = 32;
    private const int Q8BlockBytes = 34;

    /// <summary>Encodes whole blocks of <paramref name="values"/>.</summary>
    /// <param name="type">A supported type.</param>
    /// <param name="values">A row, or any whole number of blocks.</param>
    /// <param name="destination">Exactly the bytes that the values take.</param>
    /// <exception cref="NotSupportedException">The type has no encoder.</exception>
    /// <exception cref="RubatoException">Q8_0 only: a value is not finite, or too large for the block's scale.</exception>
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
                for (var block = 0; block < values.Length / Q8BlockValues; block++)
                {
                    EncodeQ8Block(
                        values.Slice(block * Q8BlockValues, Q8BlockValues), destination.Slice(block * Q8BlockBytes, Q8BlockBytes));
                }

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
                for (var block = 0; block < values.Length / Q8BlockValues; block++)
                {
                    DecodeQ8Block(source.Slice(block * Q8BlockBytes, Q8BlockBytes), values.Slice(block * Q8BlockValues, Q8BlockValues));
                }

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

    private static void EncodeQ8Block(ReadOnlySpan<float> values, Span<byte> block)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new RubatoException($"The value {value} cannot be stored as Q8_0; only finite numbers can: choose F32 or BF16.");
            }

            largest = MathF.Max(largest, MathF.Abs(value));
        }

        var scale = largest / 127;
        var stored = (Half)scale;
        if (Half.IsInfinity(stored))
        {
            throw new RubatoException(
                $"The value {largest} is too large for Q8_0, which reaches to {127 * (float)Half.MaxValue}: choose F32 or BF16.");
        }

        BinaryPrimitives.WriteHalfLittleEndian(block, stored);
        var inverse = 1 / scale;
        var quants = MemoryMarshal.Cast<byte, sbyte>(block[2..]);
        if (!float.IsFinite(inverse))
        {
            quants.Clear(); // All zero, or so small that the scale itself rounds to zero.
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            quants[i] = (sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    private static void DecodeQ8Block(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        var quants = MemoryMarshal.Cast<byte, sbyte>(block[2..]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = scale * quants[i];
        }
    }
}
