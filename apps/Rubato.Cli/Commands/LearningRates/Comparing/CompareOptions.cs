using System.CommandLine;
using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.Comparison;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>The options that comparisons share.</summary>
internal sealed class CompareOptions
{
    private const string StandardBudgets = "1%,5%,10%,25%,50%,100%";
    private const int StandardSeeds = 3;

    private static readonly string[] SuiteNames = ["convex", "fashion", "lm"];

    private readonly IReadOnlyList<IComparisonSuite> _suites;

    public CompareOptions(IReadOnlyList<IComparisonSuite> suites)
    {
        _suites = suites;
        Tasks = new("--tasks")
        {
            Description = string.Join(" ", suites.Select(suite => $"Suite {suite.Name}: {suite.TasksHelp}.")),
            HelpName = "NAMES",
        };
    }

    /// <summary>Which tasks.</summary>
    public Option<string> Suite { get; } = new("--suite") { Description = "What to train: convex (softmax regression), fashion (images) or lm (language model).", HelpName = "NAME", Required = true };

    public Option<string?> Tasks { get; }

    public Option<string> Budgets { get; } = new("--budgets") { Description = "Shares of the full budget, with commas; each is a run of its own.", HelpName = "LIST", DefaultValueFactory = _ => StandardBudgets };

    public Option<int> Seeds { get; } = new("--seeds") { Description = "How many seeds each run is made with, from --seed on.", HelpName = "K", DefaultValueFactory = _ => StandardSeeds };

    public Option<string?> Rates { get; } = new("--rates") { Description = "Base rates that every schedule is tuned on: full (the suite's grid), coarse (every second), or numbers with commas.", HelpName = "GRID" };

    /// <summary>Reads budgets as shares: 10% or 0.1.</summary>
    public static double[] Shares(string text, string option) =>
    [
        .. text.Split(',', StringSplitOptions.TrimEntries).Select(word =>
        {
            var percent = word.EndsWith('%');
            return double.TryParse(percent ? word[..^1] : word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (percent ? number / 100 : number) is > 0 and <= 1 and var share
                ? share
                : throw new InvalidOptionException($"{option} {word}: expected a share of the full budget above 0% and at most 100%, such as 10%.");
        }),
    ];

    /// <summary>The experiment that the command line asks for.</summary>
    /// <exception cref="RubatoException">Something in it is wrong, or a data set is not here.</exception>
    public ScheduleComparison Bind(ParseResult parsed, IReadOnlyList<Contestant> contestants, IReadOnlyList<double> budgets)
    {
        var name = parsed.GetRequiredValue(Suite);
        var suite = _suites.FirstOrDefault(suite => suite.Name == name)
            ?? throw new InvalidOptionException(SuiteNames.Contains(name) ? $"--suite {name}: this build has no task for it." : $"--suite {name}: choose {string.Join(", ", SuiteNames)}.");
        var seeds = SeedsOf(parsed);
        var tasks = suite.Tasks(new(
            parsed.GetValue(Tasks)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            RateGrid.Parse(parsed.GetValue(Rates)),
            seeds[0]));
        return new(name, tasks, contestants, budgets, seeds);
    }

    /// <summary>The seeds of the runs.</summary>
    /// <exception cref="InvalidOptionException">None, or too many.</exception>
    public ulong[] SeedsOf(ParseResult parsed)
    {
        var (first, count) = (parsed.GetValue(GlobalOptions.Seed), parsed.GetValue(Seeds));
        return count is >= 1 and <= 1000
            ? [.. Enumerable.Range(0, count).Select(i => unchecked(first + (ulong)i))]
            : throw new InvalidOptionException($"--seeds {count}: must be 1 … 1000.");
    }
}
