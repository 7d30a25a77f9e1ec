using System.Numerics;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>e^x for x ≤ 0, lane by lane, from additions and multiplications only: the same bits on every machine and vector width.</summary>
internal static class VectorExponential
{
    private const double Log2E = 1.44269504088896338700;
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>Below it the result would be subnormal and is taken to be that at this place: 3·10⁻³⁰⁸.</summary>
    private const double Lowest = -708;

    /// <summary>1/13!, …, 1/2!, 1, 1: the series of e^r for |r| ≤ ½ ln 2, exact to about one unit in the last place.</summary>
    private static readonly double[] Coefficients =
        [1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1];

    /// <summary>e^x for every lane; NaN stays NaN, values above 0 are taken as 0.</summary>
    public static Vector<double> OfNegative(Vector<double> x)
    {
        var valid = Vector.Equals(x, x);
        var bounded = Vector.ConditionalSelect(valid, Vector.Min(Vector.Max(x, new(Lowest)), Vector<double>.Zero), Vector<double>.Zero);
        var k = Vector.Floor(bounded * new Vector<double>(Log2E) + new Vector<double>(0.5));
        var r = bounded - k * new Vector<double>(Ln2High) - k * new Vector<double>(Ln2Low);
        var series = Vector<double>.Zero;
        foreach (var coefficient in Coefficients)
        {
            series = series * r + new Vector<double>(coefficient);
        }

        // 2^k by its bit pattern: k ≥ −1022, so the exponent field is at least 1.
        var power = Vector.AsVectorDouble(Vector.ShiftLeft(Vector.ConvertToInt64(k) + new Vector<long>(1023), 52));
        return Vector.ConditionalSelect(valid, series * power, x);
    }
}
