using System.Globalization;
using Rubato.LearningRates.Comparison;

namespace Rubato.LearningRates.Reproduction;

/// <summary>Holds the claims of a publication against the results of an experiment. Every verdict follows from numbers; none is written down.</summary>
public static class Judge
{
    private const string OtherWorkloads = "their workloads are not to be had here";

    /// <summary>The schedules that the claims are about.</summary>
    public static IReadOnlyList<string> Schedules(PaperSystem system) => system switch
    {
        PaperSystem.Rex => PaperClaims.RexSchedules,
        PaperSystem.Uba => PaperClaims.UbaSchedules,
        _ => PaperClaims.RefinementSchedules,
    };

    /// <summary>The verdicts. Ranks are taken among <see cref="Schedules"/> only, whatever else took part.</summary>
    /// <param name="system">The publication.</param>
    /// <param name="checks">Its exact checks.</param>
    /// <param name="log">An experiment; null when none was run.</param>
    public static IReadOnlyList<ClaimVerdict> Verdicts(PaperSystem system, IReadOnlyList<ExactCheck> checks, ComparisonLog? log)
    {
        var summary = log is null ? null : Restricted(log, Schedules(system));
        return system switch
        {
            PaperSystem.Rex => [Best(PaperClaims.RexRank, summary, "rex"), Table(summary), Exact(PaperClaims.RexFormula, checks), Untestable(PaperClaims.RexWorkloads)],
            PaperSystem.Uba => [BestUba(summary), Exact(PaperClaims.UbaCondition, checks), Exact(PaperClaims.UbaFormula, checks), Untestable(PaperClaims.UbaWorkloads)],
            _ => [BestDefault(summary), Refined(summary), Polynomials(checks), Untestable(PaperClaims.RefinementWorkloads)],
        };
    }

    /// <summary>The same experiment with only some of its schedules, if all of those took part.</summary>
    private static ComparisonSummary? Restricted(ComparisonLog log, IReadOnlyList<string> schedules)
    {
        if (schedules.Except(log.Settings.Schedules).Any())
        {
            return null;
        }

        var summary = ComparisonSummary.Of(log.Settings with { Schedules = [.. schedules] }, log.Records.Where(record => schedules.Contains(record.Schedule)));
        return summary.Complete ? summary : null;
    }

    /// <summary>Whether a schedule has the best mean rank in each group of optimizer and budget.</summary>
    private static ClaimVerdict Best(PaperClaim claim, ComparisonSummary? summary, string schedule, Func<string, bool>? rival = null)
    {
        var groups = Groups(summary).Select(group => (group.Name, Mine: group.Ranks[schedule], Rivals: group.Ranks.Where(rank => rank.Key != schedule && (rival?.Invoke(rank.Key) ?? true)).OrderBy(rank => rank.Value).ToArray())).ToArray();
        return FromGroups(claim, [.. groups.Select(group => (
            $"{group.Name}: mean rank of {schedule} {Text(group.Mine)}, of the best other ({group.Rivals[0].Key}) {Text(group.Rivals[0].Value)}",
            group.Mine <= group.Rivals[0].Value))]);
    }

    private static ClaimVerdict BestDefault(ComparisonSummary? summary) => Best(PaperClaims.LinearBest, summary, Contestant.LinearName, rival => rival != Contestant.RefinedName);

    /// <summary>One φ for everything: the one with the best mean rank over all groups.</summary>
    private static ClaimVerdict BestUba(ComparisonSummary? summary)
    {
        string[] parameters = [.. PaperClaims.UbaSchedules.Where(name => name.StartsWith("uba", StringComparison.Ordinal))];
        var best = parameters.MinBy(name => Groups(summary).Sum(group => group.Ranks[name]))!;
        return Best(PaperClaims.UbaBetter, summary, best, rival => !parameters.Contains(rival));
    }

    private static ClaimVerdict Refined(ComparisonSummary? summary) => FromGroups(PaperClaims.RefinedBetter, [.. Groups(summary).Select(group => (
        $"{group.Name}: mean rank of refined {Text(group.Ranks[Contestant.RefinedName])}, of linear {Text(group.Ranks[Contestant.LinearName])}; replaced because degenerate or impossible in {group.Replaced} of {group.Cells} cells",
        group.Ranks[Contestant.RefinedName] < group.Ranks[Contestant.LinearName]))]);

    /// <summary>Our shares beside those of Table 1; the order of the four schedules decides.</summary>
    private static ClaimVerdict Table(ComparisonSummary? summary)
    {
        var ranking = summary?.Ranking("all") ?? summary?.Rankings[0];
        if (ranking is null || ranking.Rows.Any(row => row.Low is null || row.High is null))
        {
            return NotRun(PaperClaims.RexShares);
        }

        var rows = PaperClaims.RexTable1.Select(paper => (Paper: paper, Ours: ranking.Rows.Single(row => row.Schedule == paper.Schedule))).ToArray();
        var lines = rows.Select(row => string.Create(CultureInfo.InvariantCulture,
            $"{row.Paper.Schedule}: top 1 / top 3 at low budgets {100 * row.Ours.Low!.Top1:F0} / {100 * row.Ours.Low.Top3:F0} % (paper {row.Paper.LowTop1} / {row.Paper.LowTop3}), at high {100 * row.Ours.High!.Top1:F0} / {100 * row.Ours.High.Top3:F0} % (paper {row.Paper.HighTop1} / {row.Paper.HighTop3})"));
        (string, bool)[] orders = [("low", Ascending(rows.Select(row => row.Ours.Low!.Top3))), ("high", Ascending(rows.Select(row => row.Ours.High!.Top3)))];
        var judged = FromGroups(PaperClaims.RexShares, [.. orders.Select(order => ($"order at {order.Item1} budgets {(order.Item2 ? "the same" : "another")}", order.Item2))]);
        return judged with { Ours = [.. lines, .. judged.Ours] };
    }

    private static bool Ascending(IEnumerable<double> shares) => shares.Zip(shares.Skip(1), (a, b) => a <= b).All(holds => holds);

    private static ClaimVerdict Exact(PaperClaim claim, IReadOnlyList<ExactCheck> checks)
    {
        var (about, holds) = Count(claim, checks);
        return new(
            claim,
            about == 0 ? Verdict.CannotBeTested : holds == about ? Verdict.Reproduces : Verdict.DoesNotReproduce,
            [$"{holds} of {about} exact checks hold"],
            "decided by the exact checks, which are ours");
    }

    /// <summary>The law says which norms lead to the plotted exponents; that theirs were such norms cannot be seen here.</summary>
    private static ClaimVerdict Polynomials(IReadOnlyList<ExactCheck> checks)
    {
        var (about, holds) = Count(PaperClaims.RefinedPolynomials, checks);
        return new(
            PaperClaims.RefinedPolynomials,
            Verdict.CannotBeTested,
            [$"norms that grow as (1 - u)^(-s) lead to every one of these exponents: {holds} of {about} exact checks hold"],
            "their gradient norms are not to be had here");
    }

    private static (int About, int Holds) Count(PaperClaim claim, IReadOnlyList<ExactCheck> checks) =>
        (checks.Count(check => check.Claim == claim.Id), checks.Count(check => check.Claim == claim.Id && check.Passed));

    private static ClaimVerdict FromGroups(PaperClaim claim, (string Line, bool Holds)[] groups)
    {
        if (groups.Length == 0)
        {
            return NotRun(claim);
        }

        var holds = groups.Count(group => group.Holds);
        return new(
            claim,
            holds == groups.Length ? Verdict.Reproduces : holds == 0 ? Verdict.DoesNotReproduce : Verdict.InPart,
            [.. groups.Select(group => group.Line)],
            $"holds in {holds} of {groups.Length} groups on our tasks; {OtherWorkloads}");
    }

    private static ClaimVerdict Untestable(PaperClaim claim) => new(claim, Verdict.CannotBeTested, [], OtherWorkloads);

    private static ClaimVerdict NotRun(PaperClaim claim) => new(claim, Verdict.CannotBeTested, [], "no complete comparison of these schedules was run");

    /// <summary>Mean ranks by optimizer and budget.</summary>
    private static IEnumerable<RankGroup> Groups(ComparisonSummary? summary)
    {
        foreach (var ranking in summary?.Rankings.Where(ranking => ranking.Group != "all") ?? [])
        {
            foreach (var low in new[] { true, false })
            {
                var rows = ranking.Rows.Select(row => (row.Schedule, Statistics: low ? row.Low : row.High)).ToArray();
                if (rows.Length > 0 && Array.TrueForAll(rows, row => row.Statistics is not null))
                {
                    var outcomes = summary!.Outcomes.Where(outcome => outcome.Schedule == Contestant.RefinedName && !outcome.LeftOut && outcome.Budget < ComparisonSummary.LowBudget == low
                        && summary.Settings.Tasks.Single(task => task.Name == outcome.Task).Group == ranking.Group).ToArray();
                    yield return new(
                        $"{ranking.Group}, {(low ? "low" : "high")} budgets",
                        rows.ToDictionary(row => row.Schedule, row => row.Statistics!.MeanRank),
                        outcomes.Count(outcome => outcome.Note?.StartsWith("refined at", StringComparison.Ordinal) == false),
                        outcomes.Length);
                }
            }
        }
    }

    private static string Text(double rank) => rank.ToString("F2", CultureInfo.InvariantCulture);

    private sealed record RankGroup(string Name, Dictionary<string, double> Ranks, int Replaced, int Cells);
}
