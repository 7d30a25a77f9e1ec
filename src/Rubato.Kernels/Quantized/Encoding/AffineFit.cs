using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>A group as scale · q + offset with codes q = 0 … codeMax, scale ≥ 0 and offset ≤ 0, of least squared error.</summary>
/// <remarks>
/// Tries scales around (largest − least) ÷ codeMax and offsets around the least number. Each try fixes the codes; scale and offset
/// then follow from the normal equations. The best try is refined by choosing codes and solving in turn while that helps.
/// </remarks>
internal readonly record struct AffineFit(float Scale, float Offset)
{
    private const int RefinementsMax = 6;

    public static AffineFit Of(ReadOnlySpan<Vector256<float>> x, ReadOnlySpan<float> values, int codeMax)
    {
        var (least, largest) = StoredScale.Range(values);
        least = Math.Min(least, 0);
        if (largest <= least)
        {
            return new(0, least); // All numbers are equal, and none is positive.
        }

        var problem = new Problem(x, codeMax);
        var best = (Fit: new AffineFit(0, 0), Error: double.PositiveInfinity);

        // Few codes clip the ends of a group with profit, so that both the scale and the offset are open.
        var (steps, stride, shifts) = codeMax == 3 ? (11, 0.2f, 3) : (21, 0.1f, 1);
        for (var shift = 0; shift < shifts; shift++)
        {
            var start = least + (0.07f * shift * (largest - least));
            for (var step = 0; step < steps; step++)
            {
                var spread = codeMax + (stride * (step - (steps / 2)));
                best = problem.Improve(best, spread / (largest - least), start);
            }
        }

        return problem.Refine(best);
    }

    private readonly ref struct Problem
    {
        private readonly ReadOnlySpan<Vector256<float>> _x;
        private readonly int _codeMax;
        private readonly double _count;
        private readonly double _sum;
        private readonly double _squares;

        public Problem(ReadOnlySpan<Vector256<float>> x, int codeMax)
        {
            _x = x;
            _codeMax = codeMax;
            _count = x.Length * Vector256<float>.Count;
            (_sum, _squares) = GroupSums.OfNumbers(x);
        }

        /// <summary>The better one of <paramref name="best"/> and the fit to the codes that inverse and offset give.</summary>
        public (AffineFit Fit, double Error) Improve((AffineFit Fit, double Error) best, float inverse, float offset)
        {
            var (q, qq, xq) = GroupSums.OfCodes(_x, inverse, offset, 0, _codeMax);
            var determinant = (_count * qq) - ((double)q * q);
            var scale = determinant > 0 ? ((_count * xq) - (_sum * q)) / determinant : 0;
            var fitted = (_sum - (scale * q)) / _count;
            if (fitted > 0 || determinant <= 0)
            {
                (scale, fitted) = (xq / qq, 0); // Without any code but 0 the scale is NaN, and so is the error.
            }

            var error = _squares + (scale * scale * qq) + (_count * fitted * fitted)
                - (2 * scale * xq) - (2 * fitted * _sum) + (2 * scale * fitted * q);
            return scale > 0 && error < best.Error ? (new((float)scale, (float)fitted), error) : best;
        }

        public AffineFit Refine((AffineFit Fit, double Error) best)
        {
            for (var round = 0; round < RefinementsMax; round++)
            {
                var better = Improve(best, StoredScale.Inverse(best.Fit.Scale), best.Fit.Offset);
                if (better.Error >= best.Error)
                {
                    break;
                }

                best = better;
            }

            return best.Fit;
        }
    }
}
