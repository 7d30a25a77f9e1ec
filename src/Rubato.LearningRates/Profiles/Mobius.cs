using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Profiles;

/// <summary>The maps M_a(y) = y / (a + (1 − a) y) of [0, 1] onto itself, which turn one decay into a whole family.</summary>
/// <remarks>
/// M_a ∘ M_b = M_(ab), the inverse of M_a is M_(1/a), and 1 − M_a(y) = M_(1/a)(1 − y); a = 1 changes nothing, a below 1 decays later, above 1 earlier. REX is
/// M_½ of linear decay and UBA is M_(φ/2) of cosine decay, so this one map holds both families together.
/// </remarks>
public static class Mobius
{
    /// <summary>M_a(y).</summary>
    /// <param name="a">0 … ∞; 0 means 1 for every y above 0.</param>
    /// <param name="y">0 … 1. At 0 the result is 0 for every a.</param>
    public static double Apply(double a, double y) => y <= 0 ? 0 : y / (a + (1 - a) * y);

    /// <summary>The mean of M_a over a linear decay: (1 − a + a ln a) / (1 − a)².</summary>
    /// <param name="a">Above 0.</param>
    public static double MeanOverLinear(double a)
    {
        var d = 1 - a;

        // Around a = 1 the closed form cancels; its series is ½ + d/6 + d²/12 + d³/20 + ….
        return Math.Abs(d) < 1e-3
            ? 0.5 + d * (1.0 / 6 + d * (1.0 / 12 + d * (1.0 / 20 + d * (1.0 / 30 + d / 42))))
            : (d + a * DeterministicMath.Log(a)) / (d * d);
    }

    internal static void RequireStrength(string owner, double a)
    {
        if (!(a > 0) || !double.IsFinite(a))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"{owner}: a is {a} but must be a number above 0."));
        }
    }
}
