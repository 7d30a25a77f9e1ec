using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Scoring;

/// <summary>Ranks schedules by a worst-case bound for convex losses, minimised over the peak rate.</summary>
/// <remarks>
/// For rates γs: D²/(2γS₁) + γ/2 · (Σ s²G²/S₁ + Σ_k s_k Q_(k) / (S_k S_(k+1))), where S_k and Q_k sum s and s²G² from k to the end; over
/// γ the smallest is 2√(AC). Source of the bound: Defazio et al., arXiv 2310.07831, and its authors' code. It is a factor 2 looser than the
/// direct theorem for linear decay: use it to rank, not as a guarantee.
/// </remarks>
public static class ScheduleScorer
{
    /// <summary>The score of <paramref name="multipliers"/>.</summary>
    /// <param name="multipliers">One an update, at least 0 and finite; trailing zeros do not count as updates of the sums.</param>
    /// <param name="norms">Gradient norms of any number (resampled to the updates), or empty for 1 throughout.</param>
    /// <param name="distance">Distance of the start to the optimum, above 0.</param>
    /// <exception cref="InvalidOptionException">No multiplier is above 0, or a number is out of range.</exception>
    public static ScheduleScore Score(ReadOnlySpan<double> multipliers, ReadOnlySpan<double> norms = default, double distance = 1)
    {
        var last = multipliers.Length - 1;
        while (last >= 0 && multipliers[last] == 0)
        {
            last--;
        }

        if (last < 0 || !(distance > 0) || !double.IsFinite(distance))
        {
            throw new InvalidOptionException(last < 0
                ? "score: the schedule is 0 at every update, so it has no bound."
                : string.Create(CultureInfo.InvariantCulture, $"score: the distance {distance} must be a number above 0."));
        }

        var squares = SquaredNorms(norms, multipliers.Length);
        var (sum, energy, tail) = (0.0, 0.0, 0.0);
        for (var k = last; k >= 0; k--)
        {
            var s = multipliers[k];
            if (!(s >= 0) || !double.IsFinite(s))
            {
                throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"score: multiplier {s} of update {k} must be a number of at least 0."));
            }

            var after = sum;
            sum += s;
            energy += s * s * squares(k);
            tail += k < last ? s * energy / (sum * after) : 0;
        }

        var a = distance * distance / (2 * sum);
        var c = (energy / sum + tail) / 2;
        var bound = 2 * Math.Sqrt(a * c);
        return bound > 0 && double.IsFinite(bound)
            ? new(bound, bound * Math.Sqrt(multipliers.Length), Math.Sqrt(a / c))
            : throw new InvalidOptionException("score: the norms are 0 at every update, so there is no bound.");
    }

    private static Func<int, double> SquaredNorms(ReadOnlySpan<double> norms, int count)
    {
        if (norms.IsEmpty)
        {
            return _ => 1;
        }

        var finite = new List<double>(norms.Length);
        foreach (var norm in norms)
        {
            if (double.IsFinite(norm))
            {
                finite.Add(norm);
            }
        }

        var resampled = finite.Count > 0
            ? Resampling.Linear([.. finite], count)
            : throw new InvalidOptionException("score: there is no finite norm.");
        return k => resampled[k] * resampled[k];
    }
}
