using Rubato.Core;

namespace Rubato.LearningRates.Comparison;

/// <summary>The base rate of a schedule at one budget, chosen by the mean loss over the seeds.</summary>
/// <param name="BaseRate">The chosen rate; the lowest of equals.</param>
/// <param name="OnEdge">Whether it is the lowest or highest of a grid of two or more: a better one may lie outside.</param>
/// <param name="Loss">Mean final training loss; +∞ when a seed diverged at every rate.</param>
/// <param name="Deviation">Standard deviation of the loss over the seeds (n − 1); 0 for one seed, NaN when diverged.</param>
/// <param name="Metric">Mean of the measure on unseen data, if there is one.</param>
/// <param name="MetricDeviation">Its standard deviation.</param>
/// <param name="Seeds">How many seeds the means are over.</param>
/// <param name="Runs">Runs at all rates.</param>
/// <param name="Diverged">How many of them diverged.</param>
internal sealed record RateChoice(double BaseRate, bool OnEdge, double Loss, double Deviation, double? Metric, double? MetricDeviation, int Seeds, int Runs, int Diverged)
{
    /// <summary>The choice from all runs of a schedule on a task at a budget. A seed that diverged makes its rate the worst.</summary>
    public static RateChoice Best(IEnumerable<CellRecord> runs)
    {
        var all = runs.ToArray();
        var rates = all.GroupBy(run => run.BaseRate).OrderBy(rate => rate.Key).Select(rate => rate.ToArray()).ToArray();
        var best = rates.MinBy(rate => rate.Average(run => run.Loss))!;
        var diverged = best.Any(run => run.Diverged);
        var metrics = best.Any(run => run.Metric is null) ? null : best.Select(run => run.Metric!.Value).ToArray();
        var (loss, deviation) = diverged ? (double.PositiveInfinity, double.NaN) : Statistics(best.Select(run => run.Loss));
        (double Mean, double Deviation)? metric = metrics is null ? null : Statistics(metrics);
        return new(
            best[0].BaseRate,
            rates.Length > 1 && (best == rates[0] || best == rates[^1]),
            loss,
            deviation,
            metric?.Mean,
            metric?.Deviation,
            best.Length,
            all.Length,
            all.Count(run => run.Diverged));
    }

    private static (double Mean, double Deviation) Statistics(IEnumerable<double> values)
    {
        var statistics = new StreamingStatistics();
        foreach (var value in values)
        {
            statistics.Add(value);
        }

        return (statistics.Mean, statistics.SampleDeviation);
    }
}
