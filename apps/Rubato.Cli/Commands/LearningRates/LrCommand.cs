using Rubato.Cli.CommandLine;
using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Cli.Commands.LearningRates.Data;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr</c>: learning-rate schedules under a budget.</summary>
internal static class LrCommand
{
    public static VerbCommand Create() => new(
        "lr",
        "Look at, refine, score, draw and compare learning-rate schedules for a budget.",
        "rubato lr curve \"rex | warmup(5%)\" --steps 1000 --peak 3e-4",
        "rubato lr rank --steps 1000",
        "rubato lr plot rex linear \"uba(phi=2)\" --out curves.png",
        "rubato lr compare --suite convex --out comparison")
    {
        CurveCommand.Create(),
        ListCommand.Create(),
        RefineCommand.Create(),
        ScoreCommand.Create(),
        RankCommand.Create(),
        PlotCommand.Create(),
        CompareCommand.Create([new ConvexSuite()], TrainingSuites.Forward),
        PilotCommand.Create([new ConvexSuite()], TrainingSuites.Forward),
        DataCommand.Create(),
    };
}
