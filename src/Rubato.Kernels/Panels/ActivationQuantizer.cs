using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Panels;

/// <summary>
/// Activations to signed bytes: the largest magnitude of a block becomes 127, the others follow, rounded to the nearest code, ties to even.
/// </summary>
/// <remarks>
/// A block that holds NaN or an infinity gets the scale NaN, so that every result that it touches is NaN. A block whose largest magnitude
/// is under 2⁻¹⁰⁰ counts as zero.
/// </remarks>
internal readonly unsafe struct ActivationQuantizer(float* x, int tokens, int inputs, ActivationBlocks target, int rowsPerItem) : IGangWork
{
    private const float SmallestMagnitude = 7.888609e-31f; // 2⁻¹⁰⁰
    private const int InfinityBits = 0x7f800000;

    /// <summary>Quantises all rows.</summary>
    public static void Run(WorkerGang gang, float* x, int tokens, int inputs, ActivationBlocks target)
    {
        var rowsPerItem = ((tokens - 1) / (gang.Workers * 2)) + 1;
        var work = new ActivationQuantizer(x, tokens, inputs, target, rowsPerItem);
        gang.Run(ref work, ((tokens - 1) / rowsPerItem) + 1);
    }

    public void Execute(int item, int worker)
    {
        for (var token = item * rowsPerItem; token < Math.Min((item + 1) * rowsPerItem, tokens); token++)
        {
            Quantize(x + ((nint)token * inputs), inputs, target.Kind, target.Codes(token), target.Scales(token), target.Sums(token));
        }
    }

    /// <summary>Quantises one row.</summary>
    public static void Quantize(ReadOnlySpan<float> row, ActivationKind kind, Span<sbyte> codes, Span<float> scales, Span<int> sums)
    {
        fixed (float* x = row, scalesStart = scales)
        {
            fixed (sbyte* codesStart = codes)
            {
                fixed (int* sumsStart = sums)
                {
                    Quantize(x, row.Length, kind, codesStart, scalesStart, sumsStart);
                }
            }
        }
    }

    /// <summary>The definition, for one block.</summary>
    public static float QuantizeScalar(ReadOnlySpan<float> block, Span<sbyte> codes)
    {
        var largest = 0;
        foreach (var value in block)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(value) & int.MaxValue);
        }

        var scale = Scale(largest, out var inverse);
        for (var i = 0; i < block.Length; i++)
        {
            codes[i] = inverse == 0 ? (sbyte)0 : (sbyte)MathF.Round(block[i] * inverse);
        }

        return scale;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quantize(float* x, int inputs, ActivationKind kind, sbyte* codes, float* scales, int* sums)
    {
        var blockLength = kind.BlockLength();
        var groupLength = kind.GroupLength();
        for (var start = 0; start < inputs; start += blockLength)
        {
            var largest = Vector256<int>.Zero;
            for (var i = start; i < start + blockLength; i += 8)
            {
                largest = Vector256.Max(largest, Vector256.Load((int*)x + i) & Vector256.Create(int.MaxValue));
            }

            *scales++ = Scale(Largest(largest), out var inverse);
            for (var group = start; group < start + blockLength; group += groupLength)
            {
                var sum = Vector256<int>.Zero;
                for (var i = group; i < group + groupLength; i += 16)
                {
                    sum += Encode(x + i, inverse, codes + i);
                }

                *sums++ = Vector256.Sum(sum);
            }
        }
    }

    /// <summary>16 codes; gives their sum in lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Encode(float* x, float inverse, sbyte* codes)
    {
        if (inverse == 0)
        {
            Vector128<sbyte>.Zero.Store(codes);
            return Vector256<int>.Zero;
        }

        var factor = Vector256.Create(inverse);
        var lower = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(x) * factor));
        var upper = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(x + 8) * factor));
        var shorts = Vector256.Narrow(lower, upper);
        Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).Store(codes);
        return lower + upper;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector256<int> values)
    {
        var four = Vector128.Max(values.GetLower(), values.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(two[0], two[1]);
    }

    /// <summary>The scale for a largest magnitude, given as its bits, and what to multiply with; 0 where codes are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(int largestBits, out float inverse)
    {
        var largest = BitConverter.Int32BitsToSingle(largestBits);
        if (largestBits >= InfinityBits || largest < SmallestMagnitude)
        {
            inverse = 0;
            return largestBits >= InfinityBits ? float.NaN : 0;
        }

        inverse = 127 / largest;
        return largest / 127;
    }
}
