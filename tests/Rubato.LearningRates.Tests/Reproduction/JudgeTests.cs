using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Reproduction;
using Rubato.LearningRates.Tests.Comparison;

namespace Rubato.LearningRates.Tests.Reproduction;

public sealed class JudgeTests
{
    private static readonly PaperSystem[] Systems = Enum.GetValues<PaperSystem>();

    [Fact]
    public void Every_exact_check_holds()
    {
        Assert.All(Systems, system =>
        {
            var checks = ExactChecks.Run(system);
            Assert.True(checks.Count >= 5);
            Assert.All(checks, check => Assert.Contains(Judge.Verdicts(system, checks, null), verdict => verdict.Claim.Id == check.Claim));
            Assert.All(checks, check => Assert.True(check.Passed && check.Measured <= check.Bound, $"{check.Name}: {check.Measured} > {check.Bound}"));
        });
    }

    [Fact]
    public void Schedules_have_the_names_that_results_use() =>
        Assert.All(Systems.SelectMany(Judge.Schedules), name => Assert.Equal(name, Contestant.Parse(name).Name));

    [Fact]
    public void Without_an_experiment_only_exact_claims_have_a_verdict() =>
        Assert.All(Systems, system =>
        {
            var verdicts = Judge.Verdicts(system, ExactChecks.Run(system), null);
            Assert.All(verdicts, verdict => Assert.Contains(verdict.Verdict, new[] { Verdict.CannotBeTested, Verdict.Reproduces }));
            Assert.Equal(system != PaperSystem.Refinement, verdicts.Any(verdict => verdict.Verdict == Verdict.Reproduces));
            Assert.Contains(verdicts, verdict => verdict.Verdict == Verdict.CannotBeTested);
        });

    [Theory]
    [InlineData(1, 1, Verdict.Reproduces)]
    [InlineData(1, 9, Verdict.InPart)]
    [InlineData(9, 9, Verdict.DoesNotReproduce)]
    public void Verdicts_follow_the_ranks(double low, double high, Verdict expected)
    {
        // The schedule of the claim has this loss at low and high budgets; everything else has 5 and a little that tells the schedules apart.
        string[] favourites = ["rex", "uba", "linear"];
        foreach (var (system, favourite) in Systems.Zip(favourites))
        {
            var log = Experiment(system, cell => new(cell.Schedule.Schedule.ToString().Split("(phi")[0] == favourite ? cell.Updates < 25 ? low : high : 5 + cell.Schedule.At(cell.Updates / 3) / 10));
            Assert.Equal(expected, Judge.Verdicts(system, ExactChecks.Run(system), log)[0].Verdict);
        }
    }

    [Fact]
    public void A_failed_exact_check_decides_against_its_claim()
    {
        var verdicts = Judge.Verdicts(PaperSystem.Rex, [new("formula", "x", 1, 0, Passed: false)], null);
        Assert.Equal(Verdict.DoesNotReproduce, verdicts.Single(verdict => verdict.Claim == PaperClaims.RexFormula).Verdict);
    }

    [Fact]
    public void Only_papers_and_code_are_quoted_and_our_table_stands_beside_theirs()
    {
        var log = Experiment(PaperSystem.Rex, cell => new(1 + cell.Schedule.At(cell.Updates / 2)));
        var table = Judge.Verdicts(PaperSystem.Rex, [], log).Single(verdict => verdict.Claim == PaperClaims.RexShares);
        Assert.Contains(table.Ours, line => line.StartsWith("linear: ", StringComparison.Ordinal) && line.Contains("(paper 10 / 78)", StringComparison.Ordinal));
        Assert.Equal(4, PaperClaims.RexTable1.Count);
    }

    [Fact]
    public void Schedules_beside_those_of_the_claims_change_no_verdict()
    {
        var plain = Experiment(PaperSystem.Refinement, Loss);
        var more = Experiment(PaperSystem.Refinement, Loss, "wsd", "rex");
        var checks = ExactChecks.Run(PaperSystem.Refinement);
        Assert.Equal(
            Judge.Verdicts(PaperSystem.Refinement, checks, plain).Select(verdict => (verdict.Verdict, string.Join("; ", verdict.Ours))),
            Judge.Verdicts(PaperSystem.Refinement, checks, more).Select(verdict => (verdict.Verdict, string.Join("; ", verdict.Ours))));

        static CellResult Loss(TrainingCell cell) => new(1 + cell.Schedule.At(cell.Updates / 2)) { Norms = FakeTask.Falling(cell.Updates) };
    }

    private static ComparisonLog Experiment(PaperSystem system, Func<TrainingCell, CellResult> loss, params string[] more)
    {
        var comparison = new ScheduleComparison("fake", [new FakeTask("t", loss)], [.. Judge.Schedules(system).Concat(more).Select(text => Contestant.Parse(text))], [0.1, 1], [1]);
        return new() { Settings = comparison.Settings, Records = [.. comparison.Run([], CancellationToken.None)], WholeLength = 0 };
    }
}
