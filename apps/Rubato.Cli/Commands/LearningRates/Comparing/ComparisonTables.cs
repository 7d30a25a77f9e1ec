using System.Globalization;
using Rubato.LearningRates.Comparison;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Results of a comparison as tables: for a terminal, as Markdown, as comma-separated values.</summary>
internal static class ComparisonTables
{
    /// <summary>The rankings for a terminal.</summary>
    public static void Print(TextWriter output, ComparisonSummary summary)
    {
        foreach (var ranking in summary.Rankings)
        {
            output.WriteLine(Title(ranking));
            output.WriteLine($"  {"schedule",-32} {"mean rank",24}   {"top 1",12}   {"top 3",12}   {"median excess",16}   {"diverged",8}");
            output.WriteLine($"  {"",-32} {"low",8}{"high",8}{"all",8}   {"low",6}{"high",6}   {"low",6}{"high",6}   {"low",8}{"high",8}   {"runs",8}");
            foreach (var row in ranking.Rows)
            {
                output.WriteLine(
                    $"  {row.Schedule,-32} {Rank(row.Low),8}{Rank(row.High),8}{Rank(row.All),8}   {Share(row.Low?.Top1),6}{Share(row.High?.Top1),6}   "
                    + $"{Share(row.Low?.Top3),6}{Share(row.High?.Top3),6}   {Excess(row.Low),8}{Excess(row.High),8}   {Share((double)row.DivergedRuns / row.Runs),8}");
            }

            output.WriteLine();
        }

        foreach (var line in Remarks(summary))
        {
            output.WriteLine(line);
        }
    }

    /// <summary>The rankings as Markdown.</summary>
    public static void WriteMarkdown(TextWriter output, ComparisonSummary summary)
    {
        foreach (var ranking in summary.Rankings)
        {
            output.Write($"{Title(ranking)}\n\n");
            output.Write("| schedule | mean rank, low | high | all | top 1, low | high | top 3, low | high | median excess, low | high | diverged runs |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
            foreach (var row in ranking.Rows)
            {
                output.Write(
                    $"| `{row.Schedule.Replace("|", "\\|", StringComparison.Ordinal)}` | {Rank(row.Low)} | {Rank(row.High)} | {Rank(row.All)} | {Share(row.Low?.Top1)} | {Share(row.High?.Top1)} | "
                    + $"{Share(row.Low?.Top3)} | {Share(row.High?.Top3)} | {Excess(row.Low)} | {Excess(row.High)} | {Share((double)row.DivergedRuns / row.Runs)} |\n");
            }

            output.Write("\n");
        }

        foreach (var line in Remarks(summary))
        {
            output.Write(line + "\n");
        }
    }

    /// <summary>One line an outcome.</summary>
    public static void WriteCsv(TextWriter output, ComparisonSummary summary)
    {
        output.Write("task,schedule,budget,updates,rank,loss,loss_deviation,metric,metric_deviation,seeds,base_rate,on_grid_edge,diverged_runs,runs,left_out,note\n");
        foreach (var outcome in summary.Outcomes)
        {
            output.Write(string.Join(
                ',',
                Quoted(outcome.Task),
                Quoted(outcome.Schedule),
                Number(outcome.Budget),
                Number(outcome.Updates),
                Number(outcome.Rank),
                Number(outcome.Loss),
                Number(outcome.Deviation),
                Number(outcome.Metric),
                Number(outcome.MetricDeviation),
                Number(outcome.Seeds),
                Number(outcome.BaseRate),
                outcome.OnGridEdge ? "true" : "false",
                Number(outcome.DivergedRuns),
                Number(outcome.Runs),
                outcome.LeftOut ? "true" : "false",
                Quoted(outcome.Note ?? "")) + "\n");
        }
    }

    /// <summary>Profile × sampler: the mean rank of each pair, over all cells.</summary>
    public static void PrintSampling(TextWriter output, ComparisonSummary summary, RankingTable ranking)
    {
        var ranks = ranking.Rows.ToDictionary(row => row.Schedule, row => row.All.MeanRank);
        var samplers = summary.Settings.Schedules.Select(name => name.Split('|', 2)).Select(parts => parts.Length > 1 ? parts[1].Trim() : "").Distinct();
        output.WriteLine($"{ranking.Group}: mean rank by sampling and profile (of {ranking.Rows.Count})");
        output.WriteLine($"  {"sampling",-24}{string.Concat(ScheduleSets.SampledProfiles.Select(profile => $"{profile,14}"))}");
        foreach (var sampler in samplers)
        {
            var cells = ScheduleSets.SampledProfiles.Select(profile => ranks.TryGetValue(sampler.Length == 0 ? profile : $"{profile} | {sampler}", out var rank) ? $"{rank,14:F2}" : $"{"",14}");
            output.WriteLine($"  {(sampler.Length == 0 ? "every update" : sampler),-24}{string.Concat(cells)}");
        }

        output.WriteLine();
    }

    private static string Title(RankingTable ranking) =>
        $"{ranking.Group}: {ranking.LowCells + ranking.HighCells} cells (task x budget), {ranking.LowCells} below 25 % of the budget and {ranking.HighCells} from 25 % on; {ranking.LeftOut} left out with loss 0";

    private static IEnumerable<string> Remarks(ComparisonSummary summary)
    {
        var counted = summary.Outcomes.Where(outcome => !outcome.LeftOut).ToArray();
        var edge = counted.Count(outcome => outcome.OnGridEdge);
        yield return $"Ranks by mean training loss over {summary.Settings.Seeds.Length} seeds at the best base rate of each schedule, task and budget; ties share ranks, diverged runs count as worst.";
        yield return "Excess: loss / lowest loss of the cell - 1, median over the cells. A schedule that cannot take part in every cell of a table is not in it.";
        yield return $"The best base rate is an end of its grid for {edge} of {counted.Length} outcomes.";
        var fallbacks = counted.Where(outcome => outcome.Note is { } note && !note.StartsWith("refined at", StringComparison.Ordinal)).ToArray();
        if (fallbacks.Length > 0)
        {
            yield return $"The refinement was replaced (degenerate or impossible) in {fallbacks.Length} of {counted.Count(outcome => outcome.Note is not null)} cells.";
        }
    }

    private static string Rank(RankStatistics? statistics) => statistics is null ? "" : statistics.MeanRank.ToString("F2", CultureInfo.InvariantCulture);

    private static string Excess(RankStatistics? statistics) => statistics switch
    {
        null => "",
        { MedianExcess: < 9.995 } => string.Create(CultureInfo.InvariantCulture, $"{100 * statistics.MedianExcess:G2} %"),
        _ => "> 999 %",
    };

    private static string Share(double? share) => share is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");

    private static string Number(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
