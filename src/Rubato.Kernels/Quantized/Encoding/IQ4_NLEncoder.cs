using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>32 numbers as d times one of 16 unevenly spaced levels: the d of least squared error, large numbers weighing more.</summary>
/// <remarks>
/// The levels are coarse far from zero; a number x weighs x² + the mean of x², which keeps the distribution of a model's tokens
/// closer to the original than equal weights do. Tries scales that give the number farthest from zero one of the outer levels or something near it; each try fixes the levels l,
/// and Σ w·x·l ÷ Σ w·l² is then the best scale. The best try is refined by choosing levels and solving in turn while that helps.
/// </remarks>
internal readonly struct IQ4_NLEncoder : IBlockEncoder
{
    private const int Steps = 24;
    private const int RefinementsMax = 6;

    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        var peak = StoredScale.Peak(values);
        var mean = 0f;
        foreach (var value in values)
        {
            mean += value * value / values.Length;
        }

        var best = (Scale: 0f, Gain: 0d);
        for (var step = 0; step < Steps; step++)
        {
            // From well within the range of the levels to well beyond it: −180 … −88 and 180 … 88.
            var level = 88 + (4f * step);
            best = Improve(best, values, mean, StoredScale.Inverse(peak) * level);
            best = Improve(best, values, mean, StoredScale.Inverse(peak) * -level);
        }

        for (var round = 0; round < RefinementsMax; round++)
        {
            var better = Improve(best, values, mean, StoredScale.Inverse(best.Scale));
            if (better.Gain <= best.Gain)
            {
                break;
            }

            best = better;
        }

        var stored = StoredScale.Round(best.Scale, WeightFormat.IQ4_NL, peak);
        Span<byte> codes = stackalloc byte[32];
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = (byte)Code(values[i] * StoredScale.Inverse((float)stored));
        }

        BinaryPrimitives.WriteHalfLittleEndian(block, stored);
        CodePacking.Nibbles(codes, block[2..]);
    }

    private static (float Scale, double Gain) Improve((float Scale, double Gain) best, ReadOnlySpan<float> values, float mean, float inverse)
    {
        Vector256<float> ll = default, xl = default;
        foreach (var value in MemoryMarshal.Cast<float, Vector256<float>>(values))
        {
            var weight = (value * value) + Vector256.Create(mean);
            var level = Level(value * inverse);
            ll += weight * level * level;
            xl += weight * value * level;
        }

        var (squares, products) = (GroupSums.Add(ll), GroupSums.Add(xl));
        var gain = (double)products * products / squares;
        return gain > best.Gain ? (products / squares, gain) : best;
    }

    /// <summary>The nearest levels, the lower of two.</summary>
    private static Vector256<float> Level(Vector256<float> value)
    {
        var levels = IQ4_NLBlocks.Levels;
        var twice = value + value;
        var level = Vector256.Create((float)levels[0]);
        for (var code = 1; code < levels.Length; code++)
        {
            var isAbove = Vector256.GreaterThan(twice, Vector256.Create((float)(levels[code - 1] + levels[code])));
            level += isAbove & Vector256.Create((float)(levels[code] - levels[code - 1]));
        }

        return level;
    }

    /// <summary>The code of the nearest level, the lower of two.</summary>
    private static int Code(float value)
    {
        var levels = IQ4_NLBlocks.Levels;
        var code = 0;
        for (var step = 8; step > 0; step /= 2)
        {
            code += 2 * value > levels[code + step - 1] + levels[code + step] ? step : 0;
        }

        return code;
    }
}
