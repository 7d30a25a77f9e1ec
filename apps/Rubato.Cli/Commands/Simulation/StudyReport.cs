using System.Globalization;
using Rubato.Simulation.Serving.Profiles;
using Rubato.Simulation.Serving.Studies;

namespace Rubato.Cli.Commands.Simulation;

/// <summary>Prints a serving study for people.</summary>
internal static class StudyReport
{
    public static void Print(TextWriter output, ServingStudyResult result)
    {
        Print(output, result.Profile);
        output.WriteLine($"policy      {result.Policy}: {ServingStudy.TitleOf(result.Policy)}");
        output.WriteLine(Invariant($"fairness    {result.FairnessPolicy}, priorities {Lower(result.Priorities)}, rules {Lower(result.Rules)}, seed {result.Seed}"));
        output.WriteLine($"workload    {result.Workload}");
        output.WriteLine();
        output.WriteLine(Invariant($"{result.Requests:N0} requests, {result.Refused:N0} refused, in {result.Seconds:F1} simulated seconds and {result.Steps:N0} steps"));
        output.WriteLine(Invariant($"{result.OutputTokens:N0} tokens, {result.ThroughputTokensPerSecond:F1} tokens/s; stalled {100 * result.StalledShare:F1} % of the time"));
        output.WriteLine(Invariant($"{result.PromptTokens:N0} prompt tokens computed, {result.CachedPromptTokens:N0} there already, {result.RecomputedTokens:N0} computed again"));
        output.WriteLine(Invariant($"{result.Preemptions:N0} preemptions; blocks out {result.BlocksOut:N0}, in {result.BlocksIn:N0}, {result.MeanRunBlocks:F1} per copy"));
        output.WriteLine(Invariant($"{"seconds",-34} {"n",10} {"p50",10} {"p95",10} {"p99",10} {"p99.9",10}"));
        Print(output, "time to first token", result.Ttft);
        Print(output, "time between tokens", result.Tbt);
        Print(output, "between tokens, consecutive steps", result.TbtScheduled);
        if (result.Fairness is { } fairness)
        {
            output.WriteLine(Invariant($"largest gap in service {fairness.MaxServiceGap:N0} of at most {fairness.Bound:N0} under token counters; Jain {fairness.Jain:F3}; P99 to the first token of the worst client {fairness.WorstClientP99Ttft:F3} s, of the median client {fairness.MedianClientP99Ttft:F3} s"));
            foreach (var (client, seconds) in fairness.ClientP99Ttft)
            {
                output.WriteLine(Invariant($"  {client,-32} {seconds,10:F3} s"));
            }
        }

        output.WriteLine($"event hash  {result.EventHash}");
    }

    /// <summary>A profile with all its numbers and their sources.</summary>
    public static void Print(TextWriter output, ServingProfile profile)
    {
        var (compute, memory, link) = (profile.Compute, profile.Memory, profile.Link);
        output.WriteLine($"profile     {profile.Name}: {profile.Title}");
        output.WriteLine(Invariant($"  compute   {1e3 * compute.StepSeconds:G5} ms a step, {1e6 * compute.KvTokenSeconds:G4} us a KV token, {1e3 * compute.SequenceSeconds:G4} ms a sequence beyond {compute.KneeSequences}, {1e3 * compute.PrefillTokenSeconds:G4} ms a prefill token, prefill steps {compute.PrefillStepShare:G3} of a step, copies slow steps by {compute.CopySlowdown:G3}"));
        output.WriteLine(Invariant($"  memory    {memory.DeviceBlocks:N0} device blocks and {memory.SwapBlocks:N0} swap blocks of {memory.BlockTokens} tokens, context {memory.ContextTokens:N0}, at most {memory.SequencesMax:N0} sequences and {memory.TokensPerStep:N0} tokens a step"));
        output.WriteLine(Invariant($"  link      out {1e6 * link.Out.CallSeconds:G4} us and {link.Out.BytesPerSecond / 1e9:G4} GB/s, in {1e6 * link.In.CallSeconds:G4} us and {link.In.BytesPerSecond / 1e9:G4} GB/s, duplex {link.DuplexFactor:G3}, {link.Planes} planes of {link.PlaneBytes:N0} bytes a block"));
        foreach (var (part, source) in profile.Sources)
        {
            output.WriteLine($"  source    {part}: {source}");
        }
    }

    private static void Print(TextWriter output, string name, LatencySummary? summary)
    {
        if (summary is not null)
        {
            output.WriteLine(Invariant($"{name,-34} {summary.Count,10:N0} {summary.P50,10:F3} {summary.P95,10:F3} {summary.P99,10:F3} {summary.P999,10:F3}"));
        }
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
