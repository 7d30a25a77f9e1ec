using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Planning;
using Rubato.Serving.Transfers;

namespace Rubato.Serving;

/// <summary>Continuous batching over paged KV blocks: the one scheduler that live hosts and simulated worlds step.</summary>
/// <remarks>
/// <para>An <see cref="IServicePolicy"/> says who is next. What it selects is on the device, as far as memory lasts; the others wait, with their keys
/// and values in the swap arena when there is one, or to be computed again. Within a step decodes come first, then prompts in chunks.</para>
/// <para>The first in the policy's order always fits, for what could never fit is refused at <see cref="Admit"/>; a sequence that was brought in gets a
/// quantum before it may leave again. So somebody always progresses, and under a fair policy every admitted request ends.</para>
/// <para>Full blocks are shared between sequences that begin alike (<see cref="SchedulerOptions.PrefixCaching"/>): they are computed once, and found again
/// in either tier, after a preemption or in the next turn, while their memory lasts. A shared block is never written.</para>
/// <para>Not thread-safe: one driver calls it. Source of the shape: continuous batching after Yu et al., "Orca", OSDI 2022;
/// paged KV memory after Kwon et al., "PagedAttention", SOSP 2023; chunked prefill after Agrawal et al., "Sarathi", 2023; switching after Shen et al.,
/// "FastSwitch", 2024.</para>
/// </remarks>
public sealed class Scheduler : IScheduler
{
    private readonly SchedulerState _state;
    private readonly StepPlanner _planner;
    private StepPlan? _outstanding;
    private Instant _now = new(long.MinValue);
    private Instant? _stalledSince;
    private long _nextStep;
    private long _iterations;
    private bool _overlapsTransfers;
    private bool _isIdle;
    private bool _shuttingDown;

    /// <summary>Makes an empty scheduler.</summary>
    /// <param name="options">Limits and sizes.</param>
    /// <param name="policy">Who is served next: an object for this scheduler alone; null for the one that the options name.</param>
    /// <exception cref="InvalidOptionException">The options break a rule; the message lists all broken rules.</exception>
    public Scheduler(SchedulerOptions options, IServicePolicy? policy = null)
    {
        Limits = SchedulerOptionsValidator.Validate(options);
        Policy = policy ?? ServicePolicies.Create(Limits.Policy, Limits.Fairness);
        _state = new(Limits, Policy);
        _planner = new(_state);
    }

    /// <inheritdoc/>
    public SchedulerLimits Limits { get; }

    /// <summary>Who is served next.</summary>
    public IServicePolicy Policy { get; }

    /// <inheritdoc/>
    public Instant? NextWakeup => _outstanding is null && HasWork ? _now : null;

    /// <inheritdoc/>
    public SchedulerSnapshot Snapshot
    {
        get
        {
            var (device, swap) = (_state.Store.Device, _state.Store.Swap);
            return new()
            {
                Waiting = _state.WaitingCount,
                Running = _state.Running.Count,
                Swapped = _state.Live.Count(sequence => sequence.Phase == SequencePhase.Swapped),
                FreeBlocks = device.Available,
                CachedBlocks = device.WithContent,
                BlockReferences = device.References,
                TotalBlocks = device.Total,
                SwapUsedBlocks = swap?.Used ?? 0,
                SwapIdleBlocks = swap?.Idle ?? 0,
                SwapTotalBlocks = swap?.Total ?? 0,
                TransfersInFlight = _state.Transfers.Ledger.Count,
                PlanOutstanding = _outstanding is not null,
                ShuttingDown = _shuttingDown,
                Counters = _state.Counters with
                {
                    BlocksOut = _state.Transfers.BlocksOut,
                    BlocksIn = _state.Transfers.BlocksIn,
                    TransferRuns = _state.Transfers.RunsOut + _state.Transfers.RunsIn,
                    FailedTransfers = _state.Transfers.Failures,
                },
            };
        }
    }

    private bool HasWork => _state.HasUnreported || (_state.Live.Count > 0 ? !_isIdle && !_planner.IsWaiting : _planner.WantsToCopy);

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
            _isIdle = false;
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
        EndStall();
        _outstanding = _planner.Plan(_nextStep++, _iterations, now);
        _overlapsTransfers = _state.Transfers.Ledger.Count > 0;
        _isIdle = _outstanding.Slices.IsEmpty;
        _iterations += _isIdle ? 0 : 1;
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
        if (plan.Slices.IsEmpty)
        {
            _stalledSince = _state.Live.Count > 0 ? now : null;
        }
        else
        {
            _state.Transfers.Estimator.StepTook(now - plan.PlannedAt, _overlapsTransfers);
        }

        return StepAbsorber.Absorb(_state, plan, result, now);
    }

    /// <inheritdoc/>
    public void TransferEnded(long ticket, TransferOutcome outcome, Instant now)
    {
        Observe(now);
        foreach (var sequence in _state.Transfers.End(ticket, outcome, now))
        {
            _state.Restart(sequence);
        }

        _planner.TransferEnded(ticket);
        _isIdle = false;
    }

    /// <inheritdoc/>
    public void Shutdown(ShutdownMode mode, Instant now)
    {
        Observe(now);
        _shuttingDown = true;
        if (mode == ShutdownMode.CancelAdmitted)
        {
            foreach (var sequence in _state.Live.ToArray())
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
            _state.End(sequence, FinishReason.Cancelled, _now);
            _isIdle = false;
        }

        return true;
    }

    /// <summary>Waiting for transfers ends with the plan that follows it.</summary>
    private void EndStall()
    {
        if (_stalledSince is { } since)
        {
            _state.Counters = _state.Counters with { StalledNanoseconds = _state.Counters.StalledNanoseconds + (_now - since).Nanoseconds };
            _stalledSince = null;
        }
    }

    private void Observe(Instant now)
    {
        Check.Invariant(now >= _now, $"time went back from {_now} to {now}");
        _now = now;
    }
}
