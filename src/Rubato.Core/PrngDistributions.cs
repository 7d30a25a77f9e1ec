namespace Rubato.Core;

/// <summary>Random variates from a <see cref="Prng"/>, built on <see cref="DeterministicMath"/>: the same on every machine.</summary>
public static class PrngDistributions
{
    /// <summary>An exponential variate, at least 0.</summary>
    /// <param name="prng">Source of randomness.</param>
    /// <param name="rate">Events per unit of time; the mean is 1 / rate. Positive.</param>
    public static double NextExponential(this Prng prng, double rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        return -DeterministicMath.Log(1 - prng.NextDouble()) / rate;
    }

    /// <summary>A normal variate (polar method of Marsaglia).</summary>
    /// <param name="prng">Source of randomness.</param>
    /// <param name="mean">Mean.</param>
    /// <param name="deviation">Standard deviation, at least 0.</param>
    public static double NextNormal(this Prng prng, double mean = 0, double deviation = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        while (true)
        {
            var u = 2 * prng.NextDouble() - 1;
            var v = 2 * prng.NextDouble() - 1;
            var square = u * u + v * v;
            if (square is > 0 and < 1)
            {
                return mean + deviation * u * Math.Sqrt(-2 * DeterministicMath.Log(square) / square);
            }
        }
    }

    /// <summary>A gamma variate, at least 0 (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000).</summary>
    /// <param name="prng">Source of randomness.</param>
    /// <param name="shape">Shape, positive; the mean is shape × scale.</param>
    /// <param name="scale">Scale, positive.</param>
    public static double NextGamma(this Prng prng, double shape, double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        if (shape < 1)
        {
            // Gamma(a) = Gamma(a + 1) · U^(1/a)
            var boost = DeterministicMath.Exp(DeterministicMath.Log(1 - prng.NextDouble()) / shape);
            return prng.NextGamma(shape + 1, scale) * boost;
        }

        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = prng.NextNormal();
            var t = 1 + c * x;
            if (t <= 0)
            {
                continue;
            }

            var v = t * t * t;
            if (DeterministicMath.Log(1 - prng.NextDouble()) < 0.5 * x * x + d - d * v + d * DeterministicMath.Log(v))
            {
                return d * v * scale;
            }
        }
    }
}
