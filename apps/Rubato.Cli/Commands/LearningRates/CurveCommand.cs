using System.CommandLine;
using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr curve</c>: the rate of every update.</summary>
internal static class CurveCommand
{
    private const int TableRows = 10;

    private static readonly string[] Channels = ["learning-rate", "momentum", "weight-decay"];

    public static VerbCommand Create()
    {
        var schedule = LrInput.Schedule();
        var steps = LrInput.Steps();
        var peak = new Option<double?>("--peak") { Description = "Peak learning rate; 1 when not given.", HelpName = "X" };
        var min = new Option<double?>("--min") { Description = "Lowest learning rate: the curve is squeezed between it and the peak.", HelpName = "X" };
        var channel = new Option<string>("--channel") { Description = "What to show: learning-rate, momentum or weight-decay.", HelpName = "NAME", DefaultValueFactory = _ => Channels[0] };
        _ = channel.AcceptOnlyFromAmong(Channels);
        var rebudget = new Option<string[]>("--rebudget") { Description = "From update STEP on the run has NEW updates in all; may be given again.", HelpName = "STEP:NEW" };
        var command = new VerbCommand(
            "curve",
            "Show the rate of every update of a schedule over a budget.",
            "rubato lr curve rex --steps 100",
            "rubato lr curve \"wsd(cooldown=sqrt) | warmup(5%)\" --steps 2000 --peak 3e-4 --min 3e-5 --json",
            "rubato lr curve onecycle --steps 100 --channel momentum")
        { schedule, steps, peak, min, channel, rebudget };
        command.SetAction(parsed =>
        {
            var bound = LrInput.Bind(LrInput.Parse(parsed.GetRequiredValue(schedule)), parsed.GetValue(steps));
            bound = (parsed.GetValue(rebudget) ?? []).Aggregate(bound, Rebudget);
            var values = parsed.GetRequiredValue(channel) == Channels[0]
                ? Rates(bound, parsed.GetValue(peak), parsed.GetValue(min))
                : Channel(bound, parsed.GetRequiredValue(channel), parsed.GetValue(peak) ?? parsed.GetValue(min));
            var result = new CurveResult(bound.Schedule.ToString(), values.Length, values);
            ResultOutput.Write(parsed, result, output => Print(output, result));
            return ExitCode.Done;
        });
        return command;
    }

    private static double[] Rates(StepSchedule schedule, double? peak, double? min)
    {
        var (high, low) = (peak ?? 1, min ?? 0);
        if (!(high > 0) || !double.IsFinite(high))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"--peak {high}: must be a number above 0."));
        }

        if (!(low >= 0 && low <= high))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"--min {low}: must be at least 0 and at most the peak, {high}."));
        }

        return Array.ConvertAll(schedule.Curve(), multiplier => low + (high - low) * multiplier);
    }

    private static double[] Channel(StepSchedule schedule, string channel, double? scale)
    {
        if (scale is not null)
        {
            throw new InvalidOptionException($"--peak and --min belong to the learning rate; the {channel} has its values in the schedule.");
        }

        var values = new double[schedule.Steps];
        for (var step = 0; step < values.Length; step++)
        {
            values[step] = (channel == "momentum" ? schedule.MomentumAt(step) : schedule.WeightDecayAt(step))
                ?? throw new InvalidOptionException($"schedule {schedule.Schedule}: leaves {channel} alone; add | {channel}(cosine, max=…, min=…).");
        }

        return values;
    }

    private static StepSchedule Rebudget(StepSchedule schedule, string text)
    {
        var parts = text.Split(':');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var total)
            ? schedule.Rebudget(step, total)
            : throw new InvalidOptionException($"--rebudget {text}: expected STEP:NEW, such as 40:60.");
    }

    private static void Print(TextWriter output, CurveResult result)
    {
        output.WriteLine($"{result.Schedule}, {result.Steps:N0} updates");
        output.WriteLine();
        TerminalPlot.Write(output, result.Values);
        output.WriteLine();
        output.WriteLine($"{"update",12} {"value",24}");
        foreach (var row in Rows(result.Steps))
        {
            output.WriteLine($"{row,12:N0} {result.Values[row].ToString("R", CultureInfo.InvariantCulture),24}");
        }
    }

    private static IEnumerable<int> Rows(int steps) =>
        Enumerable.Range(0, TableRows + 1).Select(i => (int)((long)i * (steps - 1) / TableRows)).Distinct();

    /// <summary>What --json prints.</summary>
    private sealed record CurveResult(string Schedule, int Steps, double[] Values);
}
