using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Refinement;

/// <summary>A running median of odd width. The first value is repeated to the left; the right is mirrored without repeating the last value.</summary>
public static class MedianFilter
{
    /// <summary>The width for a sequence of <paramref name="count"/> values: 2 ⌊⌊τN⌋ / 2⌋ + 1.</summary>
    /// <param name="count">N.</param>
    /// <param name="smoothing">τ, 0 … 1.</param>
    /// <exception cref="InvalidOptionException">τ is outside.</exception>
    public static int Width(int count, double smoothing) => smoothing is >= 0 and <= 1
        ? 2 * ((int)Math.Floor(smoothing * count) / 2) + 1
        : throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"smoothing: {smoothing} must be 0 … 1, a share of the sequence."));

    /// <summary>The filtered values, as many as there were. O(N log W).</summary>
    /// <param name="values">Without NaN.</param>
    /// <param name="smoothing">τ, 0 … 1; 0 changes nothing.</param>
    /// <exception cref="InvalidOptionException">τ is outside.</exception>
    public static double[] Apply(double[] values, double smoothing)
    {
        ArgumentNullException.ThrowIfNull(values);
        var width = Width(values.Length, smoothing);
        if (width == 1 || values.Length < 2)
        {
            return [.. values];
        }

        var half = width / 2;
        var window = new RunningMedian(width);
        var result = new double[values.Length];
        for (var i = -half; i < values.Length + half; i++)
        {
            window.Add(values[i < 0 ? 0 : i < values.Length ? i : 2 * (values.Length - 1) - i]);
            if (i >= half)
            {
                result[i - half] = window.Median;
            }
        }

        return result;
    }
}
