using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Tests.Comparison;

public sealed class ScheduleComparisonTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public void Every_schedule_gets_the_same_grid_seeds_and_its_own_scaling_at_every_budget()
    {
        var task = FakeTask.Hashed("a");
        var records = Comparison(["rex", "linear", "plateau"], [0.1, 1], [7, 8], task).Run([], Never).ToArray();
        Assert.Equal(3 * 2 * 3 * 2, records.Length);
        Assert.Equal(records.Length, task.Trained.Count);
        var plans = task.Trained.GroupBy(cell => (Name: cell.Plateau is null ? cell.Schedule.Schedule.ToString() : "plateau", cell.Updates)).ToArray();
        Assert.Equal(3 * 2, plans.Length);
        Assert.All(plans, plan => Assert.Equal(plans[0].Select(cell => (cell.BaseRate, cell.Seed)), plan.Select(cell => (cell.BaseRate, cell.Seed))));
        Assert.All(task.Trained, cell => Assert.Equal(cell.Schedule.Budget, cell.Updates));
        Assert.Equal([10L, 100L], task.Trained.Select(cell => cell.Updates).Distinct());
    }

    [Fact]
    public void A_run_that_was_killed_goes_on_to_the_same_summary() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 40]).Sample((cells, tail) =>
        {
            var whole = Make();
            var all = whole.Run([], Never).ToArray();

            // The log of a run that was killed after some cells, in the middle of writing the next line.
            var killed = ComparisonLog.Head(whole.Settings) + string.Concat(all.Take(cells).Select(ComparisonLog.Line));
            var next = cells < all.Length ? ComparisonLog.Line(all[cells]) : "";
            killed += next[..Math.Min(tail, Math.Max(0, next.Length - 1))];

            var log = ComparisonLog.Read(killed, "results.jsonl")!;
            Assert.Equal(Math.Min(cells, all.Length), log.Records.Count);
            var resumed = Make();
            log.RequireSame(resumed.Settings, "results.jsonl");
            CellRecord[] rest = [.. resumed.Run(log.Records, Never)];
            Assert.Equal(all.Length - log.Records.Count, rest.Length);
            Equivalent(ComparisonSummary.Of(whole.Settings, all), ComparisonSummary.Of(log.Settings, log.Records.Concat(rest)));

            static ScheduleComparison Make() => Comparison(["refined", "rex", "constant"], [0.1, 0.5, 1], [1, 2], FakeTask.Hashed("a"), FakeTask.Hashed("b", [1, 2]));
        }, iter: 60);

    [Fact]
    public void Summaries_do_not_depend_on_the_order_of_the_records()
    {
        var comparison = Comparison(["rex", "linear"], [0.1, 1], [1, 2], FakeTask.Hashed("a"), FakeTask.Hashed("b"));
        var records = comparison.Run([], Never).ToArray();
        var shuffled = (CellRecord[])records.Clone();
        new Prng(3).Shuffle<CellRecord>(shuffled);
        Equivalent(ComparisonSummary.Of(comparison.Settings, records), ComparisonSummary.Of(comparison.Settings, shuffled));
    }

    [Fact]
    public void The_best_rate_is_chosen_by_the_mean_and_a_diverged_seed_spoils_its_rate()
    {
        // Rate 0.4 is best on seed 1 and diverges on seed 2; rate 0.2 has mean 2; rate 0.1 has mean 3.
        var task = new FakeTask("a", cell => cell.BaseRate switch
        {
            0.4 => cell.Seed == 1 ? new(0.5) : CellResult.Failed,
            0.2 => new(cell.Seed == 1 ? 1 : 3),
            _ => new(3),
        });
        var outcome = Assert.Single(Summary(["rex"], [1], [1, 2], task).Outcomes);
        Assert.Equal(0.2, outcome.BaseRate);
        Assert.False(outcome.OnGridEdge);
        Assert.Equal(2, outcome.Loss);
        Assert.Equal(Math.Sqrt(2), outcome.Deviation!.Value, 1e-12);
        Assert.Equal((1, 6, 2), (outcome.DivergedRuns, outcome.Runs, outcome.Seeds));
    }

    [Fact]
    public void What_diverges_everywhere_is_worst_and_stays_in_the_table()
    {
        var task = new FakeTask("a", cell => cell.Schedule.Schedule.Profile is ConstantProfile ? CellResult.Failed : new(cell.BaseRate));
        var summary = Summary(["constant", "rex", "linear"], [0.1, 1], [1], task);
        var ranking = summary.Ranking("sgd")!;
        Assert.Equal(["constant"], ranking.Rows.Select(row => row.Schedule).TakeLast(1));
        var last = ranking.Rows[^1];
        Assert.Equal((3.0, 0.0, 1.0, 6, 6), (last.All.MeanRank, last.All.Top1, last.All.Top3, last.DivergedRuns, last.Runs));
        Assert.Equal(double.PositiveInfinity, last.All.MedianExcess);
        Assert.All(ranking.Rows.Take(2), row => Assert.Equal((1.5, 1.0), (row.All.MeanRank, row.All.Top1)));
        Assert.All(summary.Outcomes.Where(outcome => outcome.Schedule != "constant"), outcome => Assert.True(outcome.OnGridEdge));
    }

    [Fact]
    public void Low_and_high_budgets_are_apart_and_solved_cells_are_left_out_but_counted()
    {
        // At 50 % every schedule reaches 0; rex wins below, linear above.
        var task = new FakeTask("a", cell => new(cell.Updates == 50 ? 0 : cell.Schedule.Schedule.Profile is RexProfile == (cell.Updates < 25) ? 1 : 2));
        var ranking = Summary(["rex", "linear"], [0.01, 0.1, 0.25, 0.5, 1], [1], task).Ranking("sgd")!;
        Assert.Equal((2, 2, 1), (ranking.LowCells, ranking.HighCells, ranking.LeftOut));
        var rex = ranking.Rows.Single(row => row.Schedule == "rex");
        Assert.Equal((1.0, 2.0, 1.5), (rex.Low!.MeanRank, rex.High!.MeanRank, rex.All.MeanRank));
        Assert.Equal((0.0, 1.0, 0.5), (rex.Low.MedianExcess, rex.High.MedianExcess, rex.All.MedianExcess));
    }

    [Fact]
    public void Refined_brings_linear_and_is_made_from_its_best_run()
    {
        var task = new FakeTask("a", cell => new(Math.Abs(cell.BaseRate - 0.2) + 1) { Norms = cell.RecordNorms ? FakeTask.Falling(cell.Updates) : null });
        var comparison = Comparison(["refined"], [1], [5, 6], task);
        Assert.Equal(["linear", "refined"], comparison.Settings.Schedules);
        var records = comparison.Run([], Never).ToArray();
        var donor = Assert.Single(task.Trained, cell => cell.RecordNorms);
        Assert.Equal((0.2, 5UL, "linear"), (donor.BaseRate, donor.Seed, donor.Schedule.Schedule.ToString()));
        var expected = ScheduleRefiner.Refine(FakeTask.Falling(100), new());
        var refined = task.Trained.Last(cell => !cell.RecordNorms);
        Assert.Equal(expected.Values, refined.Schedule.Curve());
        Assert.All(records.Where(record => record.Schedule == "refined"), record => Assert.StartsWith("refined at 0.2: peak at", record.Note, StringComparison.Ordinal));
    }

    [Fact]
    public void Degenerate_and_impossible_refinements_fall_back_and_say_so()
    {
        double[] collapsing = [.. Enumerable.Range(0, 100).Select(t => Math.Exp(-10 * t / 100.0))];
        var degenerate = new FakeTask("a", cell => new(1) { Norms = cell.RecordNorms ? new GradientNormSequence(collapsing, collapsing) : null });
        Assert.All(Notes(degenerate, 1), note => Assert.StartsWith("degenerate: ramp", note, StringComparison.Ordinal));
        var diverging = new FakeTask("a", _ => CellResult.Failed);
        Assert.All(Notes(diverging, 1), note => Assert.Equal("linear diverged at every rate: linear", note));
        var silent = new FakeTask("a", _ => new(1));
        Assert.All(Notes(silent, 1), note => Assert.Equal("no norms to refine: linear", note));
        Assert.All(Notes(FakeTask.Hashed("a"), 0.02), note => Assert.Equal("no norms to refine: linear", note));

        static IEnumerable<string?> Notes(FakeTask task, double budget) =>
            Comparison(["refined"], [budget], [1], task).Run([], Never).Where(record => record.Schedule == "refined").Select(record => record.Note).ToArray();
    }

    [Fact]
    public void Schedule_free_takes_part_only_where_the_task_can()
    {
        var able = new FakeTask("able", cell => new(cell.ScheduleFree is null ? 2 : 1), scheduleFree: true);
        var other = new FakeTask("other", cell => new(1), optimizer: OptimizerKind.Adam);
        var summary = Summary(["schedule-free", "linear"], [1], [1], able, other);
        Assert.True(summary.Complete);
        Assert.Equal(["schedule-free", "linear"], summary.Ranking("sgd")!.Rows.Select(row => row.Schedule));
        Assert.Equal(["linear"], summary.Ranking("adam")!.Rows.Select(row => row.Schedule));
        Assert.Equal(["linear"], summary.Ranking("all")!.Rows.Select(row => row.Schedule));
        Assert.DoesNotContain(other.Trained, cell => cell.ScheduleFree is not null);
    }

    [Theory]
    [InlineData("rex | budget(100 steps)", "budget")]
    [InlineData("rex | rebudget(5:10)", "budget")]
    [InlineData("rex | warmup(20 steps)", "warm")]
    public void Schedules_that_cannot_be_compared_are_refused_before_any_training(string text, string word)
    {
        var task = FakeTask.Hashed("a");
        var error = Assert.Throws<InvalidOptionException>(() => Comparison([text], [0.1, 1], [1], task));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Empty(task.Trained);
    }

    [Fact]
    public void Nothing_twice_and_nothing_empty()
    {
        Assert.Throws<InvalidOptionException>(() => Comparison(["rex", "rex"], [1], [1], FakeTask.Hashed("a")));
        Assert.Throws<InvalidOptionException>(() => Comparison(["rex"], [1, 1], [1], FakeTask.Hashed("a")));
        Assert.Throws<InvalidOptionException>(() => Comparison(["rex"], [0], [1], FakeTask.Hashed("a")));
        Assert.Throws<InvalidOptionException>(() => Comparison(["rex"], [1], [], FakeTask.Hashed("a")));
        Assert.Throws<InvalidOptionException>(() => Comparison(["rex"], [1], [1], FakeTask.Hashed("a"), FakeTask.Hashed("a")));
        Assert.Throws<InvalidOptionException>(() => Comparison(["rex"], [1], [1], FakeTask.Hashed("a", [2, 1])));
    }

    [Fact]
    public void A_stop_ends_the_enumeration_between_two_runs()
    {
        using var source = new CancellationTokenSource();
        var seen = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var record in Comparison(["rex"], [1], [1], FakeTask.Hashed("a")).Run([], source.Token))
            {
                Assert.Equal("rex", record.Schedule);
                if (++seen == 2)
                {
                    source.Cancel();
                }
            }
        });
        Assert.Equal(2, seen);
    }

    private static ScheduleComparison Comparison(string[] schedules, double[] budgets, ulong[] seeds, params FakeTask[] tasks) =>
        new("fake", tasks, [.. schedules.Select(text => Contestant.Parse(text))], budgets, seeds);

    private static ComparisonSummary Summary(string[] schedules, double[] budgets, ulong[] seeds, params FakeTask[] tasks)
    {
        var comparison = Comparison(schedules, budgets, seeds, tasks);
        return ComparisonSummary.Of(comparison.Settings, comparison.Run([], Never).ToArray());
    }

    private static void Equivalent(ComparisonSummary expected, ComparisonSummary actual)
    {
        Assert.True(expected.Complete && actual.Complete);
        Assert.Equal(expected.Outcomes, actual.Outcomes);
        Assert.Equal(expected.Rankings.SelectMany(ranking => ranking.Rows), actual.Rankings.SelectMany(ranking => ranking.Rows));
    }
}
