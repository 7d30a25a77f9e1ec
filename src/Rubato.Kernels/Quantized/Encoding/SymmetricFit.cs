using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>A group as scale · q with codes q = −codes … codes − 1 and a scale of either sign, of least squared error.</summary>
/// <remarks>
/// Tries scales that give the number farthest from zero a code around −codes, and, with the opposite sign, around codes − 1. Each try
/// fixes the codes q; Σ x·q ÷ Σ q² is then the best scale and (Σ x·q)² ÷ Σ q² what it takes off the squared error.
/// </remarks>
internal static class SymmetricFit
{
    private const int RefinementsMax = 6;

    public static float Of(ReadOnlySpan<Vector256<float>> x, ReadOnlySpan<float> values, int codes)
    {
        var peak = StoredScale.Peak(values);
        if (StoredScale.Inverse(peak) == 0)
        {
            return 0;
        }

        var best = (Scale: 0f, Gain: 0d);

        // Few codes clip the ends of a group with profit.
        var (steps, stride, first) = codes <= 4 ? (17, 0.15f, -0.9f) : (19, 0.1f, -0.9f);
        for (var step = 0; step < steps; step++)
        {
            var change = first + (stride * step);
            best = Improve(best, x, -(codes + change) / peak, codes);
            best = Improve(best, x, (codes - 1 + change) / peak, codes);
        }

        for (var round = 0; round < RefinementsMax; round++)
        {
            var better = Improve(best, x, StoredScale.Inverse(best.Scale), codes);
            if (better.Gain <= best.Gain)
            {
                break;
            }

            best = better;
        }

        return best.Scale;
    }

    private static (float Scale, double Gain) Improve((float Scale, double Gain) best, ReadOnlySpan<Vector256<float>> x, float inverse, int codes)
    {
        var (_, qq, xq) = GroupSums.OfCodes(x, inverse, 0, -codes, codes - 1);
        var gain = (double)xq * xq / qq;
        return gain > best.Gain ? (xq / qq, gain) : best; // Without any code but 0 the gain is NaN.
    }
}
