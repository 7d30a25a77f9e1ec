using System.Globalization;
using System.Text.Json;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Journal;
using Rubato.Simulation.Serving.Checkers;

namespace Rubato.Simulation.Serving;

/// <summary>The entry points of <c>rubato sim serving</c>.</summary>
public static class SimServing
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Replays a recorded run (<c>--replay FILE</c>).</summary>
    /// <param name="journal">The journal; the caller's.</param>
    /// <param name="log">Gets one line per call; null for none.</param>
    /// <param name="name">What messages call the journal, as a file name.</param>
    /// <exception cref="InvalidFormatException">The journal breaks its format; the message has the line.</exception>
    public static ReplayResult Replay(Stream journal, TextWriter? log = null, string name = "journal") =>
        SchedulerReplay.Run(new JournalReader(journal, name), log);

    /// <summary>Runs one simulated world under all checkers. A broken invariant is a result, not an exception.</summary>
    /// <param name="seed">Repeats the run; without given parameters it also draws them.</param>
    /// <param name="options">Parameters and outputs.</param>
    /// <exception cref="InvalidOptionException">Given parameters break a rule.</exception>
    public static ServingRunResult Run(ulong seed, SimServingOptions? options = null) =>
        Run(seed, options ?? new(), scheduler => scheduler);

    /// <summary>As the public one, with the scheduler wrapped: tests plant faults and see the checkers find them.</summary>
    internal static ServingRunResult Run(ulong seed, SimServingOptions options, Func<IScheduler, IScheduler> wrap)
    {
        var parameters = options.Parameters ?? ServingSwarm.Draw(seed, options.Lite);
        if (options.PrefixCaching is { } caching)
        {
            parameters.Scheduler.PrefixCaching = caching;
        }

        options.Log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        options.Log?.WriteLine($"parameters {JsonSerializer.Serialize(parameters, Json)}");

        var inner = new Scheduler(parameters.Scheduler);
        using var recording = options.Journal is { } stream ? new RecordingScheduler(inner, stream) : null;
        var scheduler = wrap(recording is null ? inner : recording);
        var scripts = new Dictionary<RequestId, RequestScript>();
        var metrics = new ServingMetrics();
        ServingObserver[] observers = [.. Checkers(scheduler, parameters, scripts), metrics, .. Outputs(scheduler, options)];
        var prng = new Prng(seed);
        var failure = RunChecked(new(new()
        {
            Scheduler = scheduler,
            Workload = new SwarmWorkload(parameters, prng),
            Cost = parameters.Cost,
            Scripts = scripts,
            Observers = observers,
            Faults = parameters.Faults,
            Prng = prng,
        }));
        options.Log?.WriteLine(failure is null ? "passed" : Verdict(seed, options, failure));
        return Result(seed, parameters, failure, metrics, scheduler.Snapshot.Counters);
    }

    private static IEnumerable<ServingObserver> Checkers(
        IScheduler scheduler,
        ServingParameters parameters,
        Dictionary<RequestId, RequestScript> scripts)
    {
        yield return new BudgetChecker(scheduler);
        yield return new BlockOwnershipChecker(scheduler);
        yield return new KvContentChecker(scheduler);
        yield return new TokenChecker(scripts);
        yield return new EndChecker(scripts);
        if (parameters.Scheduler.Policy == "fcfs")
        {
            yield return new ArrivalOrderChecker(scheduler);
        }
    }

    private static IEnumerable<ServingObserver> Outputs(IScheduler scheduler, SimServingOptions options)
    {
        if (options.Log is { } log)
        {
            yield return new ServingLog(log);
        }

        if (options.Trace is { } sink)
        {
            yield return new ServingTracer(sink, scheduler);
        }
    }

    private static string? RunChecked(ServingWorld world)
    {
        try
        {
            world.Run();
            return null;
        }
        catch (InvariantViolationException failure)
        {
            return failure.Message;
        }
    }

    private static string Verdict(ulong seed, SimServingOptions options, string failure) => string.Create(
        CultureInfo.InvariantCulture,
        $"FAILED {failure}\nrepeat: rubato sim serving --seed {seed}{(options.Lite ? " --lite" : "")}{(options.PrefixCaching == false ? " --no-prefix-cache" : "")}");

    private static ServingRunResult Result(
        ulong seed,
        ServingParameters parameters,
        string? failure,
        ServingMetrics metrics,
        SchedulerCounters counters) => new()
    {
        Seed = seed,
        Parameters = parameters,
        Passed = failure is null,
        Failure = failure,
        Requests = metrics.Offered,
        Refused = metrics.Refused.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
        Finished = metrics.Finished.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
        Steps = counters.Steps,
        Preemptions = counters.Preemptions,
        RecomputedTokens = counters.RecomputedTokens,
        PromptTokens = counters.PromptTokens,
        CachedPromptTokens = counters.PrefixHitTokens,
        RestoredTokens = counters.RestoredTokens,
        OutputTokens = metrics.OutputTokens,
        Seconds = metrics.End.Seconds,
        Utilisation = metrics.Utilisation,
        ThroughputTokensPerSecond = metrics.End > Instant.Zero ? metrics.OutputTokens / metrics.End.Seconds : 0,
        Ttft = metrics.TimeToFirstToken,
        Tbt = metrics.TimeBetweenTokens,
        Latency = metrics.Latency,
    };
}
