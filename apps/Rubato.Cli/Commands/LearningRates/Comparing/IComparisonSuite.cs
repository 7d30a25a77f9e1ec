using Rubato.LearningRates.Comparison;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Tasks that belong together.</summary>
internal interface IComparisonSuite
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>What --tasks may say for it.</summary>
    string TasksHelp { get; }

    /// <summary>The tasks that a command line asks for. What they need and is not there is refused in one clear line.</summary>
    IReadOnlyList<IComparisonTask> Tasks(SuiteRequest request);
}

/// <summary>What a command line says about tasks.</summary>
/// <param name="Tasks">Names of tasks; null for the usual ones.</param>
/// <param name="Rates">The base rates.</param>
/// <param name="Seed">The first seed of the runs: what else is random in making tasks follows it.</param>
internal sealed record SuiteRequest(IReadOnlyList<string>? Tasks, RateGrid Rates, ulong Seed);
