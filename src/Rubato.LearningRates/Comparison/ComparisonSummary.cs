namespace Rubato.LearningRates.Comparison;

/// <summary>What an experiment found: one outcome a schedule, task and budget, and rankings.</summary>
public sealed record ComparisonSummary
{
    /// <summary>Budgets below this share are low ones.</summary>
    public const double LowBudget = 0.25;

    /// <summary>A loss at or below this is 0 to the rounding of float32: all schedules solved the task, and ranks would be noise.</summary>
    public const double SolvedLoss = 1e-7;

    /// <summary>What was asked for.</summary>
    public required ExperimentSettings Settings { get; init; }

    /// <summary>Whether all runs are there. Schedules that lack runs of a cell are missing from it.</summary>
    public required bool Complete { get; init; }

    /// <summary>The outcomes, by task, budget and rank.</summary>
    public required IReadOnlyList<ScheduleOutcome> Outcomes { get; init; }

    /// <summary>One ranking for each group of tasks, and one over all when there are several.</summary>
    public required IReadOnlyList<RankingTable> Rankings { get; init; }

    /// <summary>The ranking of a group, or null.</summary>
    public RankingTable? Ranking(string group) => Rankings.FirstOrDefault(ranking => ranking.Group == group);

    /// <summary>Summarises <paramref name="records"/>, whatever their order.</summary>
    public static ComparisonSummary Of(ExperimentSettings settings, IEnumerable<CellRecord> records)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var byKey = records.ToDictionary(record => record.Key);
        var cells = (from task in settings.Tasks from budget in settings.Budgets select (Task: task, Outcomes: OutcomesOf(settings, task, budget, byKey))).ToArray();
        var groups = settings.Tasks.Select(task => task.Group).Distinct().ToArray();
        return new()
        {
            Settings = settings,
            Complete = cells.All(cell => cell.Outcomes.Length == settings.Schedules.Count(cell.Task.Admits)),
            Outcomes = [.. cells.SelectMany(cell => cell.Outcomes)],
            Rankings =
            [
                .. groups.Select(group => Rank(settings, group, cells.Where(cell => cell.Task.Group == group).Select(cell => cell.Outcomes))),
                .. groups.Length > 1 ? [Rank(settings, "all", cells.Select(cell => cell.Outcomes))] : Array.Empty<RankingTable>(),
            ],
        };
    }

    private static ScheduleOutcome[] OutcomesOf(ExperimentSettings settings, TaskDescription task, double budget, Dictionary<CellKey, CellRecord> records)
    {
        var entries = settings.Schedules.Where(task.Admits)
            .Select(schedule => (Schedule: schedule, Keys: settings.Cells(task, schedule, budget).ToArray()))
            .Where(entry => Array.TrueForAll(entry.Keys, records.ContainsKey))
            .Select(entry => (entry.Schedule, Runs: Array.ConvertAll(entry.Keys, key => records[key])))
            .Select(entry => (entry.Schedule, entry.Runs[0].Note, Choice: RateChoice.Best(entry.Runs)))
            .ToArray();
        var losses = Array.ConvertAll(entries, entry => entry.Choice.Loss);
        var ranks = Ranks.Average(losses);
        var solved = losses.Length > 0 && losses.Min() <= SolvedLoss;
        return [.. entries.Select((entry, i) => Outcome(task, budget, entry.Schedule, entry.Choice, ranks[i], solved) with { Note = entry.Note }).OrderBy(outcome => outcome.Rank)];
    }

    private static ScheduleOutcome Outcome(TaskDescription task, double budget, string schedule, RateChoice choice, double rank, bool solved) => new()
    {
        Task = task.Name,
        Schedule = schedule,
        Budget = budget,
        Updates = task.Updates(budget),
        Loss = choice.Loss,
        Deviation = choice.Seeds > 1 && double.IsFinite(choice.Deviation) ? choice.Deviation : null,
        Seeds = choice.Seeds,
        Metric = choice.Metric,
        MetricDeviation = choice.Seeds > 1 ? choice.MetricDeviation : null,
        BaseRate = choice.BaseRate,
        OnGridEdge = choice.OnEdge,
        DivergedRuns = choice.Diverged,
        Runs = choice.Runs,
        Rank = rank,
        LeftOut = solved,
    };

    private static RankingTable Rank(ExperimentSettings settings, string group, IEnumerable<ScheduleOutcome[]> cells)
    {
        var all = cells.Where(cell => cell.Length > 0).ToArray();
        var counted = all.Where(cell => !cell[0].LeftOut).ToArray();
        var low = counted.Where(cell => cell[0].Budget < LowBudget).ToArray();
        var high = counted.Where(cell => cell[0].Budget >= LowBudget).ToArray();
        var rows = from schedule in settings.Schedules
                   let statistics = Statistics(schedule, counted)
                   where statistics is not null && statistics.Cells == counted.Length // What cannot take part everywhere has no comparable mean rank.
                   let mine = counted.SelectMany(cell => cell).Where(outcome => outcome.Schedule == schedule).ToArray()
                   orderby statistics.MeanRank
                   select new RankingRow(schedule, Statistics(schedule, low), Statistics(schedule, high), statistics, mine.Sum(outcome => outcome.DivergedRuns), mine.Sum(outcome => outcome.Runs));
        return new(group, low.Length, high.Length, all.Length - counted.Length, [.. rows]);
    }

    private static RankStatistics? Statistics(string schedule, ScheduleOutcome[][] cells)
    {
        var (ranks, top1, top3, excesses) = (0.0, 0, 0, new List<double>());
        var mine = cells.Where(cell => Array.Exists(cell, outcome => outcome.Schedule == schedule)).ToArray();
        foreach (var cell in mine)
        {
            var losses = Array.ConvertAll(cell, outcome => outcome.Loss);
            var index = Array.FindIndex(cell, outcome => outcome.Schedule == schedule);
            var better = Ranks.Better(losses, index);
            ranks += cell[index].Rank;
            top1 += better < 1 ? 1 : 0;
            top3 += better < 3 ? 1 : 0;
            excesses.Add(losses[index] / losses.Min() - 1);
        }

        return mine.Length == 0 ? null : new(ranks / mine.Length, (double)top1 / mine.Length, (double)top3 / mine.Length, Median(excesses), mine.Length);
    }

    /// <summary>The middle one, or the mean of the two in the middle. A cell in which everything diverged (∞ / ∞) counts as no excess.</summary>
    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Select(value => double.IsNaN(value) ? 0 : value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
