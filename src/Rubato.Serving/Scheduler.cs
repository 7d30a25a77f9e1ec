using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Planning;
using Rubato.Serving.Transfers;

namespace Rubato.Serving;

/// <summary>Continuous batching over paged KV blocks: the one scheduler that live hosts and simulated worlds step.</summary>
/// <remarks>
/// <para>Served in queue order within a token budget per step, decodes first, then prefill in chunks.</para>
/// <para>When no block is free, the preemption policy picks a victim: its blocks are freed, its generated tokens kept, and it
/// waits in its old place to be recomputed. The first of the running in queue order is never a victim, and what could never fit
/// is refused at <see cref="Admit"/>, so the first of the running always progresses and every admitted request ends.</para>
/// <para>Full blocks are shared between sequences that begin alike (<see cref="SchedulerOptions.PrefixCaching"/>): they are computed once,
/// and not again after a preemption while their memory lasts. A shared block is never written.</para>
/// <para>Not thread-safe: one driver calls it. Source of the shape: continuous batching after Yu et al., "Orca", OSDI 2022;
/// paged KV memory after Kwon et al., "PagedAttention", SOSP 2023; chunked prefill after Agrawal et al., "Sarathi", 2023.</para>
/// </remarks>
public sealed class Scheduler : IScheduler
{
    private readonly SchedulerState _state;
    private readonly StepPlanner _planner;
    private StepPlan? _outstanding;
    private Instant _now = new(long.MinValue);
    private long _nextStep;
    private bool _shuttingDown;

    /// <summary>Makes an empty scheduler.</summary>
    /// <exception cref="InvalidOptionException">The options break a rule; the message lists all broken rules.</exception>
    public Scheduler(SchedulerOptions options, SchedulerPolicies? policies = null)
    {
        Limits = SchedulerOptionsValidator.Validate(options);
        Policies = policies ?? SchedulerPolicies.Default;
        _state = new(Limits, Policies.Queue);
        _planner = new(_state, Policies.Preemption);
    }

    /// <inheritdoc/>
    public SchedulerLimits Limits { get; }

    /// <summary>The policies.</summary>
    public SchedulerPolicies Policies { get; }

    /// <inheritdoc/>
    public Instant? NextWakeup => _outstanding is null && _state.HasWork ? _now : null;

    /// <inheritdoc/>
    public SchedulerSnapshot Snapshot => new()
    {
        Waiting = _state.Waiting.Count,
        Running = _state.Running.Count,
        FreeBlocks = _state.Pool.Free,
        CachedBlocks = _state.Pool.FreeWithContent,
        BlockReferences = _state.Pool.References,
        TotalBlocks = _state.Pool.Total,
        PlanOutstanding = _outstanding is not null,
        ShuttingDown = _shuttingDown,
        Counters = _state.Counters,
    };

    /// <inheritdoc/>
    public AdmissionOutcome Admit(Request request, Instant now)
    {
        ArgumentNullException.ThrowIfNull(request);
        Observe(now);
        Check.Invariant(request.Sampling.IsFinite, $"{request.Id} samples with {request.Sampling}");
        var outcome = AdmissionRules.Judge(request, _state, _shuttingDown);
        if (outcome == AdmissionOutcome.Admitted)
        {
            _state.Enqueue(request, now);
        }
        else
        {
            _state.Counters = _state.Counters with { Refused = _state.Counters.Refused + 1 };
        }

        return outcome;
    }

    /// <inheritdoc/>
    public bool Cancel(RequestId id, Instant now)
    {
        Observe(now);
        return _state.Alive.TryGetValue(id, out var sequence) && Cancel(sequence);
    }

    /// <inheritdoc/>
    public StepPlan Plan(Instant now)
    {
        Observe(now);
        Check.Invariant(_outstanding is null, $"step {_nextStep - 1} is not completed yet");
        _outstanding = _planner.Plan(_nextStep++, now);
        return _outstanding;
    }

    /// <inheritdoc/>
    public StepCompletion Complete(StepPlan plan, StepResult result, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(result);
        Observe(now);
        Check.Invariant(ReferenceEquals(plan, _outstanding), $"step {plan.Step} completed, outstanding is {_outstanding?.Step}");
        _outstanding = null;
        return StepAbsorber.Absorb(_state, plan, result);
    }

    /// <inheritdoc/>
    public void TransferEnded(long ticket, TransferOutcome outcome, Instant now)
    {
        Observe(now);
        Check.Invariant(false, $"no plan ordered transfer {ticket}");
    }

    /// <inheritdoc/>
    public void Shutdown(ShutdownMode mode, Instant now)
    {
        Observe(now);
        _shuttingDown = true;
        if (mode == ShutdownMode.CancelAdmitted)
        {
            foreach (var sequence in _state.Alive.Values.OrderBy(sequence => sequence.ArrivalNumber))
            {
                Cancel(sequence);
            }
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<SequenceSnapshot> CaptureSequences() =>
    [
        .. _state.Alive.Values.OrderBy(sequence => sequence.ArrivalNumber).Select(sequence => new SequenceSnapshot(
            sequence.Id,
            sequence.Client,
            sequence.ArrivalNumber,
            sequence.Phase,
            sequence.PromptTokens,
            sequence.OutputTokens,
            sequence.ComputedTokens,
            sequence.Blocks)),
    ];

    private bool Cancel(SequenceState sequence)
    {
        if (sequence.Phase == SequencePhase.Ended || sequence.CancelRequested)
        {
            return false;
        }

        if (sequence.InFlight)
        {
            sequence.CancelRequested = true;
        }
        else
        {
            _state.End(sequence, FinishReason.Cancelled);
        }

        return true;
    }

    private void Observe(Instant now)
    {
        Check.Invariant(now >= _now, $"time went back from {_now} to {now}");
        _now = now;
    }
}
