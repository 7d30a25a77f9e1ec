using Rubato.Kernels.Quantized;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>The definition of products with packed weights, element by element.</summary>
internal static unsafe class PanelDefinition
{
    public static void Multiply<TFormat>(
        PanelView weights, int begin, int end, ActivationBlocks x, int tokens, float* y, int yStride, bool add)
        where TFormat : struct, IPanelFormat
    {
        for (var token = 0; token < tokens; token++)
        {
            for (var output = begin; output < end; output++)
            {
                var value = Element<TFormat>(weights, output, x.Codes(token), x.Scales(token), x.Sums(token));
                var target = y + ((nint)token * yStride) + output;
                *target = add ? *target + value : value;
            }
        }
    }

    private static float Element<TFormat>(PanelView weights, int output, sbyte* x, float* scales, int* sums)
        where TFormat : struct, IPanelFormat
    {
        var (rows, lane) = (weights.Layout.Rows, output % weights.Layout.Rows);
        var panel = weights.Panel(output / rows);
        var groups = TFormat.BlockLength / TFormat.GroupLength;
        var result = 0f;
        for (var block = 0; block < weights.Inputs / TFormat.BlockLength; block++)
        {
            var head = panel + (block * weights.Layout.HeadBytes);
            var factors = head + ((TFormat.HasOffset ? 4 : 2) * rows) + lane;
            var (sum, offset) = (0, 0);
            for (var group = 0; group < groups; group++)
            {
                var (s, t) = Factors<TFormat>(factors, group, groups, rows);
                var activationSum = sums[(block * groups) + group];
                sum += s * Group<TFormat>(weights, panel, lane, (block * TFormat.BlockLength) + (group * TFormat.GroupLength), x);
                offset += t * activationSum;
            }

            result = Fused.MultiplyAdd(sum, Planes.Half(head + (2 * lane)) * scales[block], result);
            if (TFormat.HasOffset)
            {
                result = Fused.MultiplyAdd(offset, Planes.Half(head + (2 * rows) + (2 * lane)) * scales[block], result);
            }
        }

        return result;
    }

    private static (int S, int T) Factors<TFormat>(byte* factors, int group, int groups, int rows)
        where TFormat : struct, IPanelFormat => TFormat.Factors switch
        {
            PanelFactors.None => (1, 1),
            PanelFactors.Signed => (((sbyte*)factors)[group * rows], 0),
            PanelFactors.Pairs => (factors[group * rows], factors[(groups + group) * rows]),
            _ => (factors[group * rows] & 15, factors[group * rows] >> 4),
        };

    private static int Group<TFormat>(PanelView weights, byte* panel, int lane, int start, sbyte* x)
        where TFormat : struct, IPanelFormat
    {
        var sum = 0;
        for (var i = start; i < start + TFormat.GroupLength; i++)
        {
            var chunk = panel + weights.Layout.CodesStart + (i / 32 * weights.Layout.ChunkBytes);
            var code = Code(chunk, TFormat.CodeBits, weights.Layout.Rows * 4, i % 32 / 4, (4 * lane) + (i % 4));
            var number = TFormat.HasLevels ? IQ4_NLBlocks.Levels[code] : code - (TFormat.BiasShift == 0 ? 0 : 1 << TFormat.BiasShift);
            sum += number * x[i];
        }

        return sum;
    }

    /// <summary>The code of a quad of columns at one byte of the vectors, joined from its planes.</summary>
    private static int Code(byte* chunk, int bits, int vectorBytes, int quad, int place)
    {
        if (bits == 8)
        {
            return chunk[(quad * vectorBytes) + place];
        }

        var low = bits >= 4 ? 4 : 2;
        var code = Plane(chunk, low, vectorBytes, quad, place);
        return bits == low ? code : code | (Plane(chunk + (low * vectorBytes), bits - low, vectorBytes, quad, place) << low);
    }

    private static int Plane(byte* plane, int bits, int vectorBytes, int quad, int place)
    {
        var quadsInVector = 8 / bits;
        return (plane[(quad / quadsInVector * vectorBytes) + place] >> (quad % quadsInVector * bits)) & ((1 << bits) - 1);
    }
}
