using Rubato.Core;

namespace Rubato.LearningRates.Comparison;

/// <summary>Trains every schedule on every task at every budget, base rate and seed, skipping what is done already.</summary>
/// <remarks>
/// Rules of fairness: each budget is a run of its own whose schedule is scaled to it; every schedule has the whole grid of base rates at every
/// budget; seeds, and with them data order and initial weights, are the same for all; only the end of the budget is scored.
/// Source of the protocol: Chen, Wolfe and Kyrillidis, "REX", MLSys 2022 (independent, re-scaled runs for each budget).
/// </remarks>
public sealed class ScheduleComparison
{
    private readonly IComparisonTask[] _tasks;
    private readonly Contestant[] _contestants;

    /// <summary>An experiment. Where refined takes part, linear is added when missing: its runs give the norms.</summary>
    /// <exception cref="InvalidOptionException">Nothing to compare, something twice, or a schedule that does not fit into a budget.</exception>
    public ScheduleComparison(string suite, IReadOnlyList<IComparisonTask> tasks, IReadOnlyList<Contestant> contestants, IReadOnlyList<double> budgets, IReadOnlyList<ulong> seeds)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(contestants);
        _tasks = [.. tasks];
        _contestants = WithLinear(contestants);
        Settings = new()
        {
            Suite = suite,
            Tasks = [.. tasks.Select(task => task.Description)],
            Schedules = [.. _contestants.Select(contestant => contestant.Name)],
            Budgets = [.. budgets.Order()],
            Seeds = [.. seeds],
        };
        Settings.Validate();
        TryAllBudgets();
    }

    /// <summary>What is asked for.</summary>
    public ExperimentSettings Settings { get; }

    /// <summary>Trains what <paramref name="done"/> does not hold yet, and gives back each new record as soon as it exists.</summary>
    /// <param name="done">Records of earlier parts of the same experiment.</param>
    /// <param name="stop">Ends the enumeration by an <see cref="OperationCanceledException"/>; the run in progress is lost.</param>
    public IEnumerable<CellRecord> Run(IEnumerable<CellRecord> done, CancellationToken stop)
    {
        var records = done.ToDictionary(record => record.Key);
        foreach (var budget in Settings.Budgets)
        {
            foreach (var task in _tasks)
            {
                foreach (var contestant in Order(task.Description))
                {
                    foreach (var record in Train(task, contestant, budget, records, stop))
                    {
                        yield return record;
                    }
                }
            }
        }
    }

    /// <summary>Every run of the experiment, with its number of updates.</summary>
    public IEnumerable<(string Task, long Updates)> Plan() =>
        from budget in Settings.Budgets
        from task in Settings.Tasks
        from contestant in Order(task)
        from cell in Settings.Cells(task, contestant.Name, budget)
        select (task.Name, task.Updates(budget));

    private static Contestant[] WithLinear(IReadOnlyList<Contestant> contestants) =>
        contestants.Any(contestant => contestant.Kind == ContestantKind.Refined) && contestants.All(contestant => contestant.Name != Contestant.LinearName)
            ? [Contestant.Linear, .. contestants]
            : [.. contestants];

    /// <summary>Those that the task can train, what is refined last.</summary>
    private IEnumerable<Contestant> Order(TaskDescription task) =>
        _contestants.Where(contestant => task.Admits(contestant.Name)).OrderBy(contestant => contestant.Kind == ContestantKind.Refined);

    /// <summary>A warm-up that takes a whole budget is refused before hours of training, not after.</summary>
    private void TryAllBudgets()
    {
        foreach (var updates in Settings.Tasks.SelectMany(task => Settings.Budgets.Select(task.Updates)).Distinct())
        {
            foreach (var contestant in _contestants)
            {
                _ = contestant.Schedule.Bind(updates);
            }
        }
    }

    private IEnumerable<CellRecord> Train(IComparisonTask task, Contestant contestant, double budget, Dictionary<CellKey, CellRecord> records, CancellationToken stop)
    {
        var open = Settings.Cells(task.Description, contestant.Name, budget).Where(key => !records.ContainsKey(key)).ToArray();
        if (open.Length == 0)
        {
            yield break;
        }

        var (schedule, note) = (contestant.Schedule, (string?)null);
        if (contestant.Kind == ContestantKind.Refined)
        {
            (schedule, note) = new LinearRefinement(task, Settings, budget).Refine(records, stop);
        }

        foreach (var key in open)
        {
            stop.ThrowIfCancellationRequested();
            var updates = task.Description.Updates(budget);
            var result = task.Train(contestant.Cell(schedule, updates, key.BaseRate, key.Seed), stop);
            Check.Invariant(result.Diverged || double.IsFinite(result.Loss), $"{key} ended with loss {result.Loss} but did not diverge");
            var record = new CellRecord
            {
                Task = key.Task,
                Schedule = key.Schedule,
                Budget = budget,
                Updates = updates,
                BaseRate = key.BaseRate,
                Seed = key.Seed,
                Loss = result.Diverged ? double.PositiveInfinity : result.Loss,
                Diverged = result.Diverged,
                Metric = result.Diverged ? null : result.Metric,
                Note = note,
            };
            records.Add(key, record);
            yield return record;
        }
    }
}
