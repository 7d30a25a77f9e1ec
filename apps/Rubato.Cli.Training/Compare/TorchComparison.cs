using Rubato.Cli.CommandLine;
using Rubato.Cli.Commands.LearningRates.Comparing;

namespace Rubato.Cli.Training.Compare;

/// <summary><c>rubato lr compare</c> and <c>pilot</c> for the suites that train with libtorch.</summary>
internal static class TorchComparison
{
    /// <summary>The suites of this program.</summary>
    private static readonly IReadOnlyList<IComparisonSuite> Suites = [new FashionSuite(), new LanguageModelSuite()];

    public static VerbCommand CreateCommand()
    {
        var command = new VerbCommand("lr", "Compare learning-rate schedules by training with libtorch.", "rubato lr compare --suite fashion --out comparison")
        {
            CompareCommand.Create(Suites, _ => null, ClockAblation.Run),
            PilotCommand.Create(Suites, _ => null),
        };
        command.Options.Add(GlobalOptions.Out);
        return command;
    }
}
