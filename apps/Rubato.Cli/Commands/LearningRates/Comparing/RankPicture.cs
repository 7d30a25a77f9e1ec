using Rubato.LearningRates.Comparison;
using ScottPlot;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Mean rank over the budget, one line a schedule: PNG and SVG.</summary>
internal static class RankPicture
{
    /// <summary>As many as there are colours to tell apart.</summary>
    private const int MostLines = 10;

    /// <summary>Writes <c>ranks-GROUP.png</c> and <c>.svg</c> for every ranking with two budgets or more.</summary>
    public static void Save(string folder, ComparisonSummary summary)
    {
        PictureFile.WarnWithoutFonts();
        foreach (var ranking in summary.Rankings.Where(ranking => ranking.Rows.Count > 0))
        {
            foreach (var extension in new[] { ".png", ".svg" })
            {
                using var plot = Draw(summary, ranking);
                PictureFile.Save(Path.Combine(folder, $"ranks-{ranking.Group}{extension}"), plot);
            }
        }
    }

    private static Plot Draw(ComparisonSummary summary, RankingTable ranking)
    {
        var tasks = summary.Settings.Tasks.Where(task => ranking.Group is "all" || task.Group == ranking.Group).Select(task => task.Name).ToHashSet();
        var outcomes = summary.Outcomes.Where(outcome => !outcome.LeftOut && tasks.Contains(outcome.Task)).ToLookup(outcome => outcome.Schedule);
        var plot = new Plot();
        foreach (var row in ranking.Rows.Take(MostLines))
        {
            var budgets = outcomes[row.Schedule].GroupBy(outcome => outcome.Budget).OrderBy(group => group.Key).ToArray();
            var line = plot.Add.Scatter(
                budgets.Select(group => Math.Log10(100 * group.Key)).ToArray(),
                budgets.Select(group => group.Average(outcome => outcome.Rank)).ToArray());
            line.LineWidth = 2;
            line.MarkerSize = 7;
            line.LegendText = row.Schedule;
        }

        plot.Title($"{summary.Settings.Suite}, {ranking.Group}: the best {Math.Min(MostLines, ranking.Rows.Count)} of {ranking.Rows.Count} schedules");
        plot.XLabel("share of the full budget (%)");
        plot.YLabel("mean rank, lower is better");
        plot.Axes.Bottom.SetTicks([.. summary.Settings.Budgets.Select(share => Math.Log10(100 * share))], [.. summary.Settings.Budgets.Select(share => FormattableString.Invariant($"{100 * share:0.##}"))]);
        _ = plot.ShowLegend(Edge.Right);
        return plot;
    }
}
