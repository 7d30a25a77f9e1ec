using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Schedules;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Lists of schedules: what a command line names, and the lists that have names.</summary>
internal static class ScheduleSets
{
    private static readonly string[] Samplers = ["50-75", "33-66", "25-50-75", "10-25-50-75", "10%", "5%", "1%"];

    /// <summary>Every baseline, both families at several parameters, and what follows the training.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "constant", "inverse-sqrt", "inverse-time", "step", "step(30-60-90)", "exponential", "plateau", "triangular", "sgdr", "onecycle", "wsd", "cosine",
        "linear", "polynomial", "delayed-linear(25%)", "delayed-linear", "delayed-linear(75%)", "rex", "rex-community", "uba(phi=0.25)", "uba", "uba(phi=5)",
        "refined", "schedule-free",
    ];

    /// <summary>Profiles of the ablation "profile × sampling rate".</summary>
    public static IReadOnlyList<string> SampledProfiles { get; } = ["exponential", "linear", "rex"];

    /// <summary>Every profile at every sampler, the finest last.</summary>
    public static IReadOnlyList<string> Sampling { get; } =
        [.. SampledProfiles.SelectMany(profile => Samplers.Select(sampler => $"{profile} | sample({sampler})").Append(profile))];

    /// <summary>The φ of the pilot.</summary>
    public static IReadOnlyList<string> Pilot { get; } = ["uba(phi=0.25)", "uba(phi=0.5)", "uba(phi=1)", "uba(phi=2)", "uba(phi=5)", "uba(phi=10)"];

    /// <summary>The contestants that --schedules and --ablation ask for.</summary>
    /// <param name="words">Schedules, each word one or several with semicolons between them; the word all.</param>
    /// <param name="ablation">Name of an ablation, or null.</param>
    /// <exception cref="InvalidOptionException">A schedule cannot be read or stands there twice, or both options are given.</exception>
    public static IReadOnlyList<Contestant> Parse(IReadOnlyList<string> words, string? ablation)
    {
        if (ablation is not null && words.Count > 0)
        {
            throw new InvalidOptionException("--ablation: brings its own schedules; leave out --schedules.");
        }

        IEnumerable<string> texts = ablation is not null ? Sampling
            : words.Count == 0 ? All
            : words.SelectMany(word => word.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).SelectMany(word => word == "all" ? All : [word]);
        Contestant[] contestants = [.. texts.Select(text => Contestant.Parse(text, Read))];
        return contestants.GroupBy(contestant => contestant.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new InvalidOptionException($"--schedules: {twice.Key} stands there twice.")
            : contestants;
    }

    private static Schedule Read(string text)
    {
        try
        {
            return LrInput.Parse(text);
        }
        catch (InvalidOptionException e) when (e.Message.Contains("found ',", StringComparison.Ordinal))
        {
            throw new InvalidOptionException($"{e.Message} Several schedules have semicolons between them: \"rex; linear\".");
        }
    }
}
