using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Fairness.Metering;
using Rubato.Simulation.Serving.Links;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>Runs simulated serving studies: the one scheduler under a profile's costs, as one of the published systems.</summary>
public static class ServingStudy
{
    private const string TracePolicy = "trace";
    private const double MarkovCorrelation = 0.8;
    private const int ClientsShownMax = 64;

    /// <summary>Names of the systems, from the oldest to the oracle.</summary>
    public static IReadOnlyList<string> Systems => ServingSystem.Names;

    /// <summary>What a system is, in a line.</summary>
    /// <exception cref="InvalidOptionException">There is none of that name.</exception>
    public static string TitleOf(string system) => ServingSystem.Find(system).Title;

    /// <summary>Runs a study to the end of its workload.</summary>
    /// <param name="options">The study.</param>
    /// <param name="log">Gets one line per change of state; null for none.</param>
    /// <param name="trace">Gets the timeline; null for none.</param>
    /// <exception cref="InvalidOptionException">An option is unknown, out of range, or in conflict with another.</exception>
    public static ServingStudyResult Run(ServingStudyOptions options, TextWriter? log = null, ITraceSink? trace = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var system = ServingSystem.Find(options.Policy);
        var scheduler = new Scheduler(SchedulerOptionsOf(options, system));
        var link = LinkOf(options, system);
        var clock = new VirtualClock();
        var prng = new Prng(options.Seed);
        var metrics = new SwitchingMetrics(link.BlockBytes, link.Planes);
        var meter = new FairnessMeter(scheduler.Limits.Fairness);
        var fairness = new FairnessObserver(meter);
        using var hash = new EventHash();
        List<ServingObserver> observers = [metrics, fairness, hash];
        if (log is not null)
        {
            observers.Add(new ServingLog(log));
        }

        if (trace is not null)
        {
            observers.Add(new ServingTracer(trace, scheduler));
        }

        new ServingWorld(new()
        {
            Scheduler = scheduler,
            Workload = options.Workload.Create(scheduler.Limits.SequenceTokensMax, options.Rules, prng),
            Cost = options.Profile.Compute,
            CopySlowdown = system.IsZeroCost ? 0 : options.Profile.Compute.CopySlowdown,
            Observers = observers,
            Prng = prng,
            Clock = clock,
            Link = new(link, clock, LinkOptionsOf(options, system)),
            ForgetEnded = true,
        }).Run();
        return Result(options, scheduler, metrics, hash) with { Fairness = FairnessOf(meter, fairness, scheduler.Limits) };
    }

    private static StudyFairness FairnessOf(FairnessMeter meter, FairnessObserver observer, SchedulerLimits limits)
    {
        var report = meter.Report();
        return new(
            report.MaxServiceGap,
            meter.TokenCounterBound(observer.PromptTokensMax, (long)limits.KvBlocks * limits.BlockTokens),
            report.Jain,
            report.WorstClientP99TimeToFirstToken,
            report.MedianClientP99TimeToFirstToken)
        {
            ClientP99Ttft = report.Clients.Length > ClientsShownMax
                ? new SortedDictionary<string, double>()
                : new SortedDictionary<string, double>(
                    report.Clients.Where(client => client.P99TimeToFirstToken is not null).ToDictionary(client => client.Client, client => client.P99TimeToFirstToken!.Value),
                    StringComparer.Ordinal),
        };
    }

    private static SchedulerOptions SchedulerOptionsOf(ServingStudyOptions options, ServingSystem system)
    {
        var memory = options.Profile.Memory;
        var switching = options.Rules == StudyRules.Prototype ? system.PrototypeSwitching : system.Switching;
        switching = switching with { SwapBlocks = system.HasSwap ? options.SwapBlocks ?? memory.SwapBlocks : 0, Groups = options.Groups ?? switching.Groups };
        return new()
        {
            BlockTokens = memory.BlockTokens,
            KvBlocks = memory.DeviceBlocks,
            TokenBudgetPerStep = memory.TokensPerStep,
            RunningMax = memory.SequencesMax,
            WaitingMax = 1 << 20,
            ContextTokens = memory.ContextTokens,
            PrefixCaching = system.PrefixCaching,
            Policy = PolicyOf(options, system),
            Fairness = new()
            {
                UpdateEveryIterations = options.UpdateEvery,
                TraceCorrelation = options.Priorities == PriorityPattern.Markov ? MarkovCorrelation : 0,
                Seed = options.Seed,
                DeviceBlocks = memory.DeviceBlocks,
            },
            Switching = options.Adjust is { } adjust ? adjust(switching) : switching,
        };
    }

    private static string PolicyOf(ServingStudyOptions options, ServingSystem system)
    {
        var isTrace = (options.Fairness ?? TracePolicy) == TracePolicy;
        if (options.Priorities != PriorityPattern.None && !isTrace)
        {
            throw new InvalidOptionException($"Priorities are laid down ({options.Priorities}), and the fairness policy {options.Fairness} does not look at them: use trace, or no priorities.");
        }

        return options.Priorities == PriorityPattern.None && options.Fairness == TracePolicy
            ? throw new InvalidOptionException("The fairness policy trace needs priorities: random or markov.")
            : options.Fairness ?? (options.Priorities == PriorityPattern.None ? system.Fairness : TracePolicy);
    }

    private static LinkProfile LinkOf(ServingStudyOptions options, ServingSystem system)
    {
        var link = options.Profile.Link;
        link = options.Rules == StudyRules.Prototype ? link with { DuplexFactor = 1 } : link;
        link = system.IsBlockMajor ? link.AsBlockMajor() : link;
        link = system.HidesBytesIn ? link with { In = link.In with { BytesPerSecond = double.PositiveInfinity } } : link;
        return system.IsZeroCost ? link.AsZeroCost() : link;
    }

    private static LinkOptions LinkOptionsOf(ServingStudyOptions options, ServingSystem system) => new()
    {
        AssumedRunBlocks = options.Rules == StudyRules.Prototype ? system.PrototypeRuns : system.RunBlocks,
        IsOneStream = system.IsOneStream || options.Rules == StudyRules.Prototype,
        FailPerMille = options.FailPerMille,
        Seed = options.Seed,
    };

    private static ServingStudyResult Result(ServingStudyOptions options, Scheduler scheduler, SwitchingMetrics metrics, EventHash hash)
    {
        var counters = scheduler.Snapshot.Counters;
        return new()
        {
            Profile = options.Profile,
            Policy = options.Policy,
            Rules = options.Rules,
            FairnessPolicy = scheduler.Policy.Name,
            Priorities = options.Priorities,
            Workload = options.Workload.Description,
            Seed = options.Seed,
            Requests = metrics.Requests,
            Refused = metrics.Refused,
            Seconds = metrics.End.Seconds,
            Steps = metrics.Steps,
            OutputTokens = metrics.OutputTokens,
            PromptTokens = counters.PromptTokens,
            CachedPromptTokens = counters.PrefixHitTokens,
            RecomputedTokens = counters.RecomputedTokens,
            ThroughputTokensPerSecond = metrics.End > Instant.Zero ? metrics.OutputTokens / metrics.End.Seconds : 0,
            Ttft = metrics.Ttft,
            Tbt = metrics.Tbt,
            TbtScheduled = metrics.TbtScheduled,
            StalledShare = metrics.StalledShare,
            BlocksOut = metrics.BlocksOut,
            BlocksIn = metrics.BlocksIn,
            MeanRunBlocks = metrics.MeanRunBlocks,
            Preemptions = counters.Preemptions,
            FailedTransfers = metrics.FailedTransfers,
            EventHash = hash.Value,
        };
    }
}
