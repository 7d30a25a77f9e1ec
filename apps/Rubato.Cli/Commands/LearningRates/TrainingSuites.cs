namespace Rubato.Cli.Commands.LearningRates;

/// <summary>Suites that need libtorch: the training program runs the same verbs for them.</summary>
internal static class TrainingSuites
{
    private static readonly string[] Names = ["fashion", "lm"];

    /// <summary>Runs this whole command line in the training program when it is about one of its suites; null otherwise.</summary>
    public static int? Forward(string suite) =>
        Names.Contains(suite) ? TrainingVerbs.ForwardAsync(Environment.GetCommandLineArgs()[1..]).GetAwaiter().GetResult() : null;
}
