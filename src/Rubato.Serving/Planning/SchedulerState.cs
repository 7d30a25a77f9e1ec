using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Memory;
using Rubato.Serving.Queueing;

namespace Rubato.Serving.Planning;

/// <summary>All that changes in a scheduler, and the moves between waiting, running and ended.</summary>
internal sealed class SchedulerState
{
    private readonly Dictionary<RequestId, SequenceState> _alive = [];
    private readonly List<FinishedRequest> _unreported = [];

    public SchedulerState(SchedulerLimits limits, IQueuePolicy policy)
    {
        Limits = limits;
        Pool = new(limits.KvBlocks);
        Cache = limits.PrefixCaching ? new(Pool, limits.BlockTokens) : null;
        Waiting = new(new(policy));
        Running = new(new(policy));
    }

    public SchedulerLimits Limits { get; }

    public BlockPool Pool { get; }

    /// <summary>Null when prefix caching is off.</summary>
    public PrefixCache? Cache { get; }

    public WaitingQueue Waiting { get; }

    public RunningList Running { get; }

    public SchedulerCounters Counters { get; set; }

    public IReadOnlyDictionary<RequestId, SequenceState> Alive => _alive;

    public bool HasWork => Running.Count + Waiting.Count + _unreported.Count > 0;

    public void Enqueue(Request request, Instant now)
    {
        var sequence = new SequenceState(request, Counters.Admitted, now);
        _alive.Add(request.Id, sequence);
        Waiting.Add(sequence);
        Counters = Counters with { Admitted = Counters.Admitted + 1 };
    }

    /// <summary>Waiting → running, with blocks for every known token, so that a prefill never stops for lack of blocks.</summary>
    /// <param name="sequence">Which.</param>
    /// <param name="cached">The blocks that hold its beginning already.</param>
    public void Start(SequenceState sequence, ImmutableArray<BlockId> cached)
    {
        Waiting.Remove(sequence);
        foreach (var block in cached)
        {
            Pool.Hold(block);
        }

        var tokens = cached.Length * Limits.BlockTokens;
        CountCached(sequence, tokens);
        sequence.Start([.. cached, .. Pool.Allocate(Limits.BlocksFor(sequence.KnownTokens) - cached.Length)], tokens);
        Running.Add(sequence);
    }

    /// <summary>Running → waiting, in its old place; what was computed is forgotten, what was generated is kept.</summary>
    public void Preempt(SequenceState sequence)
    {
        Check.Invariant(!sequence.InFlight, $"{sequence.Id} is preempted in flight");
        Running.Remove(sequence);
        Pool.Release(sequence.TakeBlocks());
        Waiting.Add(sequence);
        Counters = Counters with { Preemptions = Counters.Preemptions + 1 };
    }

    /// <summary>Waiting or running → ended; to be reported by the next completion.</summary>
    public void End(SequenceState sequence, FinishReason reason)
    {
        if (sequence.Phase == SequencePhase.Waiting)
        {
            Waiting.Remove(sequence);
        }
        else
        {
            Running.Remove(sequence);
            Pool.Release(sequence.TakeBlocks());
        }

        sequence.Phase = SequencePhase.Ended;
        _unreported.Add(new(sequence.Id, reason, sequence.OutputTokens) { CachedTokens = sequence.CachedTokens ?? 0 });
        Counters = reason switch
        {
            FinishReason.Stop => Counters with { Stopped = Counters.Stopped + 1 },
            FinishReason.Length => Counters with { LengthLimited = Counters.LengthLimited + 1 },
            _ => Counters with { Cancelled = Counters.Cancelled + 1 },
        };
    }

    /// <summary>Everything that ended since the last call; their identities are free for use again.</summary>
    public IReadOnlyList<FinishedRequest> TakeFinished()
    {
        var finished = _unreported.ToArray();
        _unreported.Clear();
        foreach (var request in finished)
        {
            _alive.Remove(request.Id);
        }

        return finished;
    }

    private void CountCached(SequenceState sequence, int tokens)
    {
        if (Cache is not null)
        {
            Counters = sequence.CachedTokens is not null
                ? Counters with { RestoredTokens = Counters.RestoredTokens + tokens }
                : Counters with
                {
                    PrefixQueryTokens = Counters.PrefixQueryTokens + sequence.KnownTokens,
                    PrefixHitTokens = Counters.PrefixHitTokens + tokens,
                };
        }
    }
}
