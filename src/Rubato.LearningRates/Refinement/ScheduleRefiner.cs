using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.GradientNorms;

namespace Rubato.LearningRates.Refinement;

/// <summary>Refinement: a new schedule for the next run, from the gradient norms of the last.</summary>
/// <remarks>
/// Source: Defazio, Cutkosky, Mehta and Mishchenko, "When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement",
/// arXiv 2310.07831. The norms should come from a run with linear decay at a well-tuned rate; tune the base rate again afterwards.
/// </remarks>
public static class ScheduleRefiner
{
    /// <summary>The fewest norms that say anything.</summary>
    public const int FewestNorms = 3;

    /// <summary>A peak later than this share of the run is a sign of collapsing norms.</summary>
    internal const double LatestPeak = 0.6;

    private const double SmallestWidth = 0.15;
    private const double SmallestNorm = 1e-12;

    /// <summary>Refines the norms that belong to the optimizer in <paramref name="options"/>.</summary>
    /// <exception cref="InvalidOptionException">There are fewer than 3 finite norms, or none above 0, or an option is out of range.</exception>
    public static RefinedSchedule Refine(GradientNormSequence norms, RefinementOptions options)
    {
        ArgumentNullException.ThrowIfNull(norms);
        ArgumentNullException.ThrowIfNull(options);
        return Refine(norms.For(options.Optimizer), options);
    }

    /// <summary>Refines <paramref name="norms"/>, one an update. O(T log W) for a filter of width W.</summary>
    /// <exception cref="InvalidOptionException">There are fewer than 3 finite norms, or none above 0, or an option is out of range.</exception>
    public static RefinedSchedule Refine(ReadOnlySpan<double> norms, RefinementOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // 1 Usable norms.   2 Smoothing.   3 Weights.
        var usable = Usable(norms);
        var smooth = MedianFilter.Apply(usable, options.Smoothing);
        var weights = Weights(smooth, options.Optimizer);

        // 4 η_t = w_t · Σ_{s>t} w_s, from the end.
        var rates = new double[weights.Length];
        var (after, total, energy) = (0.0, 0.0, 0.0);
        for (var t = rates.Length - 1; t >= 0; t--)
        {
            rates[t] = weights[t] * after;
            after += weights[t];
        }

        total = after;
        foreach (var norm in smooth)
        {
            energy += 1 / (norm * norm);
        }

        // 5 Normalisation.   6 The new budget.
        var peak = IndexOfMax(rates);
        var largest = rates[peak];
        var (warmup, exponent) = Fit(rates, peak);
        var degenerate = (double)peak / (rates.Length - 1) > LatestPeak || Width(rates, largest) < SmallestWidth;
        var scale = options.DivideByTotalWeight ? total : largest;
        for (var t = 0; t < rates.Length; t++)
        {
            rates[t] /= scale;
        }

        return new(Resampling.Linear(rates, Steps(options, rates.Length)), peak + 1, warmup, exponent, degenerate, 1 / Math.Sqrt(energy));
    }

    private static double[] Usable(ReadOnlySpan<double> norms)
    {
        var usable = new List<double>(norms.Length);
        var largest = 0.0;
        foreach (var norm in norms)
        {
            if (double.IsFinite(norm))
            {
                usable.Add(norm >= 0 ? norm : throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"refinement: the norm {norm} is negative.")));
                largest = Math.Max(largest, norm);
            }
        }

        if (usable.Count < FewestNorms)
        {
            throw new InvalidOptionException($"refinement: needs at least {FewestNorms} finite norms, but there are {usable.Count}.");
        }

        if (largest == 0)
        {
            throw new InvalidOptionException("refinement: all norms are 0, so they say nothing about the rate.");
        }

        // Relative to the largest, so that neither the unit of the loss nor its extremes overflow the weights.
        return [.. usable.Select(norm => Math.Max(norm, SmallestNorm * largest))];
    }

    /// <summary>Inverse powers of the norms relative to the smallest, so that the largest weight is 1; a common factor cancels out.</summary>
    private static double[] Weights(double[] norms, OptimizerKind optimizer)
    {
        var smallest = norms.Min();
        return Array.ConvertAll(norms, norm =>
        {
            var inverse = smallest / norm;
            return optimizer == OptimizerKind.Sgd ? inverse * inverse : inverse;
        });
    }

    private static int IndexOfMax(double[] rates)
    {
        var peak = 0;
        for (var t = 1; t < rates.Length; t++)
        {
            peak = rates[t] > rates[peak] ? t : peak;
        }

        return peak;
    }

    /// <summary>Share of the run before the peak, and q by least squares of log η on log(1 − u') after it, through the peak.</summary>
    private static (double Warmup, double? Exponent) Fit(double[] rates, int peak)
    {
        var last = rates.Length - 1;
        var (xy, xx) = (0.0, 0.0);
        for (var t = peak + 1; t < last; t++)
        {
            if (rates[t] > 0)
            {
                var x = DeterministicMath.Log((double)(last - t) / (last - peak));
                xy += x * DeterministicMath.Log(rates[t] / rates[peak]);
                xx += x * x;
            }
        }

        return ((double)peak / last, xx > 0 ? xy / xx : null);
    }

    /// <summary>(Ση)² / (T Ση²): 1 for a constant, ¾ for linear decay, 1/T for a single spike.</summary>
    private static double Width(double[] rates, double largest)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var rate in rates)
        {
            var relative = rate / largest;
            sum += relative;
            squares += relative * relative;
        }

        return sum * sum / (rates.Length * squares);
    }

    private static int Steps(RefinementOptions options, int standard) => options.Steps is not { } steps ? standard
        : steps >= 1 ? steps
        : throw new InvalidOptionException($"refinement: {steps} steps are too few; give at least 1.");
}
