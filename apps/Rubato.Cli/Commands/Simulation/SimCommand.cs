using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Models.Files;
using Rubato.Simulation.Serving;
using Rubato.Simulation.Serving.Studies;

namespace Rubato.Cli.Commands.Simulation;

/// <summary><c>rubato sim</c>: worlds under a virtual clock.</summary>
internal static class SimCommand
{
    public static VerbCommand Create() => new(
        "sim",
        "Run a simulated world, or replay a recorded one, under a virtual clock.",
        "rubato sim serving --seed 42 --lite",
        "rubato sim serving --replay run.jsonl")
    { CreateServing(), SimGranularityCommand.Create() };

    private static VerbCommand CreateServing()
    {
        var lite = new Option<bool>("--lite") { Description = "Draw a small world." };
        var replay = new Option<string?>("--replay") { Description = "Step the scheduler through this recording instead, and compare its plans byte by byte.", HelpName = "FILE" };
        var record = new Option<string?>("--record") { Description = "Write a recording, as a live server does.", HelpName = "FILE" };
        var trace = new Option<string?>("--trace") { Description = "Write a timeline in Chrome Trace Event JSON, which Perfetto opens.", HelpName = "FILE" };
        var uncached = new Option<bool>("--no-prefix-cache") { Description = "Compute every prompt, also when its beginning was computed before." };
        var command = new VerbCommand(
            "serving",
            "The request scheduler in a simulated world. With --profile, --policy or another flag of a study: a published system on a described machine, measured. Without: a drawn workload with faults, watched by checkers.",
            "rubato sim serving --seed 42 --lite",
            "rubato sim serving --profile a10-llama3-8b --policy fastswitch --priorities random --conversations 200",
            "rubato sim serving --policy vllm-0.3 --fairness vtc --workload two-clients --json",
            "rubato sim serving --seed 7 --trace timeline.json --json",
            "rubato sim serving --replay run.jsonl")
        { lite, uncached, replay, record, trace };
        var study = new StudyFlags();
        study.AddTo(command);
        command.SetAction(parsed => study.FirstGiven(parsed) is { } flag
            ? Study(parsed, flag, study, [lite, uncached, replay, record], parsed.GetValue(trace))
            : parsed.GetValue(replay) is { } journal
            ? Replay(parsed, journal)
            : Run(
                parsed,
                new() { Lite = parsed.GetValue(lite), PrefixCaching = parsed.GetValue(uncached) ? false : null },
                parsed.GetValue(record),
                parsed.GetValue(trace)));
        return command;
    }

    private static int Study(ParseResult parsed, string flag, StudyFlags flags, Option[] others, string? tracePath)
    {
        if (others.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other)
        {
            throw new InvalidOptionException($"{other.Name}: not together with {flag}, which makes the run a study.");
        }

        var options = flags.Read(parsed);
        using var timeline = tracePath is null ? null : PartialFile.Create(tracePath);
        ServingStudyResult result;
        using (var writer = timeline is null ? null : new ChromeTraceWriter(timeline.Stream))
        {
            result = ServingStudy.Run(options, parsed.GetValue(GlobalOptions.Verbose) ? Console.Error : null, writer);
        }

        timeline?.Complete();
        ResultOutput.Write(parsed, result, output => StudyReport.Print(output, result));
        return ExitCode.Done;
    }

    private static int Replay(ParseResult parsed, string path)
    {
        using var stream = OpenRead(path);
        var result = SimServing.Replay(stream, parsed.GetValue(GlobalOptions.Verbose) ? Console.Error : null, path);
        ResultOutput.Write(parsed, result, output => output.WriteLine(result.Identical
            ? $"{result.Plans:N0} plans replayed, all byte-identical ({result.Calls:N0} calls)"
            : $"the replay differs: {result.FirstDifference}"));
        if (result.CutShort)
        {
            Console.Error.WriteLine($"{path}: the recording was cut short in the middle of a line; all before it was replayed.");
        }

        return result.Identical ? ExitCode.Done : ExitCode.Failed;
    }

    private static int Run(ParseResult parsed, SimServingOptions options, string? recordPath, string? tracePath)
    {
        var log = parsed.GetValue(GlobalOptions.Json) ? null : Console.Out;
        using var journal = recordPath is null ? null : PartialFile.Create(recordPath);
        using var timeline = tracePath is null ? null : PartialFile.Create(tracePath);
        ServingRunResult result;
        using (var writer = timeline is null ? null : new ChromeTraceWriter(timeline.Stream))
        {
            result = SimServing.Run(parsed.GetValue(GlobalOptions.Seed), options with { Log = log, Journal = journal?.Stream, Trace = writer });
        }

        journal?.Complete();
        timeline?.Complete();
        ResultOutput.Write(parsed, result, output => Print(output, result));
        return result.Passed ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Print(TextWriter output, ServingRunResult result)
    {
        output.WriteLine();
        output.WriteLine($"{result.Requests:N0} requests in {result.Seconds:F1} simulated seconds, {result.Steps:N0} steps, {result.Preemptions:N0} preemptions, {100 * result.Utilisation:F0} % busy");
        output.WriteLine($"{result.PromptTokens:N0} prompt tokens computed, {result.CachedPromptTokens:N0} cached; {result.RecomputedTokens:N0} tokens computed again after a preemption, {result.RestoredTokens:N0} not");
        output.WriteLine($"{result.OutputTokens:N0} tokens, {result.ThroughputTokensPerSecond:F1} tokens/s");
        output.WriteLine($"{"seconds",-22} {"p50",10} {"p95",10} {"p99",10}");
        Print(output, "time to first token", result.Ttft);
        Print(output, "time between tokens", result.Tbt);
        Print(output, "latency", result.Latency);
    }

    private static void Print(TextWriter output, string name, DistributionSummary? summary)
    {
        if (summary is not null)
        {
            output.WriteLine($"{name,-22} {summary.P50,10:F4} {summary.P95,10:F4} {summary.P99,10:F4}");
        }
    }

    private static FileStream OpenRead(string path) =>
        File.Exists(path) ? File.OpenRead(path) : throw new RubatoException($"{path}: no such file.");
}
