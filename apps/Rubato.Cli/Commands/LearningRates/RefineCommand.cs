using System.CommandLine;
using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;
using Rubato.Models.Files;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr refine</c>: a schedule from the gradient norms of an earlier run.</summary>
internal static class RefineCommand
{
    public static VerbCommand Create()
    {
        var norms = new Option<string>("--norms") { Description = "Gradient norms of the earlier run: one a line, columns step,l1,l2, or the binary form.", HelpName = "FILE", Required = true };
        var optimizer = new Option<string>("--optimizer") { Description = "The optimizer of the new run: sgd or adam.", HelpName = "NAME", DefaultValueFactory = _ => "sgd" };
        _ = optimizer.AcceptOnlyFromAmong("sgd", "adam");
        var smoothing = new Option<double>("--smoothing") { Description = "Width of the median filter as a share of the run; 0 for none.", HelpName = "SHARE", DefaultValueFactory = _ => RefinementOptions.DefaultSmoothing };
        var steps = new Option<int?>("--steps") { Description = "Updates of the new run; as many as norms when not given.", HelpName = "N" };
        var table = new Option<string?>("--table") { Description = "Also write the curve to this file, in binary; file:FILE is then a schedule.", HelpName = "FILE" };
        var command = new VerbCommand(
            "refine",
            "Make a schedule from the gradient norms of an earlier run. In --json, peakAt is the update with the largest rate, counted from 1.",
            "rubato lr refine --norms norms.csv --optimizer adam",
            "rubato lr refine --norms norms.csv --optimizer sgd --smoothing 0.2 --steps 5000 --json")
        { norms, optimizer, smoothing, steps, table };
        command.SetAction(parsed =>
        {
            var refined = ScheduleRefiner.Refine(LrInput.ReadNorms(parsed.GetRequiredValue(norms)), new()
            {
                Optimizer = parsed.GetValue(optimizer) == "adam" ? OptimizerKind.Adam : OptimizerKind.Sgd,
                Smoothing = parsed.GetValue(smoothing),
                Steps = parsed.GetValue(steps),
            });
            var result = new RefineResult(
                refined.Values, refined.PeakAt, refined.Warmup, refined.Exponent, refined.Degenerate, refined.Bound, new Schedule(refined.Fallback).ToString());
            if (parsed.GetValue(table) is { } path)
            {
                AtomicFile.Write(path, stream => TableFile.Write(stream, new([.. refined.Values])));
            }

            if (refined.Degenerate)
            {
                Console.Error.WriteLine($"rubato: the refined curve is degenerate (the norms collapse); train with {result.Fallback} instead.");
            }

            ResultOutput.Write(parsed, result, output => Print(output, result));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, RefineResult result)
    {
        TerminalPlot.Write(output, result.Values);
        output.WriteLine();
        output.WriteLine($"peak at update {result.PeakAt:N0}, after {100 * result.Warmup:F1} % of the run");
        output.WriteLine(result.Exponent is { } exponent
            ? string.Create(CultureInfo.InvariantCulture, $"decay after it like (1 - u)^{exponent:F2}")
            : "too few values after the peak to fit an exponent");
        output.WriteLine(result.Degenerate ? $"degenerate: use {result.Fallback}" : $"summed up: {result.Fallback}");
    }

    /// <summary>What --json prints.</summary>
    private sealed record RefineResult(double[] Values, int PeakAt, double Warmup, double? Exponent, bool Degenerate, double Bound, string Fallback);
}
