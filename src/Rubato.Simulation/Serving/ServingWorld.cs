using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>The virtual-clock driver: steps the very scheduler that a live host steps, with a cost model in place of kernels.</summary>
/// <remarks>
/// One world has one clock, one event queue and one seed; worlds share nothing and may run side by side. Transfers that a plan orders are submitted
/// to the link at once and reported when they end, before the next plan; the world never waits inside a step.
/// </remarks>
internal sealed class ServingWorld : IArrivals
{
    private const int EmptyPlansMax = 10_000;
    private readonly WorldParts _parts;
    private readonly IScheduler _scheduler;
    private readonly SimulatedExecutor _executor;
    private readonly Prng _slowSteps;
    private readonly VirtualClock _clock;
    private readonly EventQueue<WorldEvent> _events = new();
    private long _issued;
    private int _live;
    private int _emptyPlans;
    private Instant? _planAt;
    private Instant? _linkAt;
    private Instant? _stalledSince;
    private StepPlan? _running;

    public ServingWorld(WorldParts parts)
    {
        (_parts, _scheduler, _clock) = (parts, parts.Scheduler, parts.Clock);
        _executor = new(parts.Scripts);
        _slowSteps = parts.Prng.Split("slow steps");
    }

    // In this order at one instant: a step and copies end, clients act, then the next step is planned with all that is known.
    private enum EventKind
    {
        StepEnds,
        CopiesMove,
        ClientLeaves,
        RequestArrives,
        GraceEnds,
        PlanDue,
    }

    /// <summary>Runs until nothing is left to happen.</summary>
    public void Run()
    {
        _parts.Workload.Begin(this);
        while (_events.TryDequeue(out var happening, out var key))
        {
            _clock.AdvanceTo(key.At);
            Happen(happening);
            ScheduleWhatFollows();
        }

        foreach (var observer in _parts.Observers)
        {
            observer.Ended(_clock.Now);
        }
    }

    void IArrivals.Schedule(long arrival, Instant at) => Schedule(new(EventKind.RequestArrives, arrival), at);

    private void Happen(WorldEvent happening)
    {
        switch (happening.Kind)
        {
            case EventKind.StepEnds:
                CompleteStep();
                break;
            case EventKind.CopiesMove:
                _linkAt = _linkAt <= _clock.Now ? null : _linkAt;
                DrainTransfers();
                break;
            case EventKind.ClientLeaves:
                Cancel(new(happening.Number));
                break;
            case EventKind.RequestArrives:
                Issue(happening.Number);
                break;
            case EventKind.GraceEnds:
                CancelAll();
                break;
            default:
                _planAt = _planAt <= _clock.Now ? null : _planAt;
                if (_scheduler.NextWakeup is { } wakeup && wakeup <= _clock.Now)
                {
                    PlanStep();
                }

                break;
        }
    }

    private void ScheduleWhatFollows()
    {
        if (_scheduler.NextWakeup is { } wakeup && Instant.Max(wakeup, _clock.Now) is var plan && !(_planAt <= plan))
        {
            _planAt = plan;
            Schedule(new(EventKind.PlanDue), plan);
        }

        if (_parts.Link?.NextEvent is { } move && !(_linkAt <= move))
        {
            _linkAt = move;
            Schedule(new(EventKind.CopiesMove), move);
        }

        NoteStall();
    }

    /// <summary>The engine stalls while requests live, no step runs and none is due, and copies are under way.</summary>
    private void NoteStall()
    {
        var stalls = _live > 0 && _running is null && _planAt is null && _parts.Link is { InFlight: > 0 };
        if (!stalls && _stalledSince is { } since)
        {
            _stalledSince = null;
            foreach (var observer in _parts.Observers)
            {
                observer.Stalled(_clock.Now - since, _clock.Now);
            }
        }
        else if (stalls)
        {
            _stalledSince ??= _clock.Now;
        }
    }

    private void Issue(long arrival)
    {
        if (_issued == _parts.Workload.Requests)
        {
            return;
        }

        DrainWhenDue();
        if (_parts.Workload.Issue(arrival, _clock.Now) is not { } script)
        {
            return;
        }

        _issued++;
        _parts.Scripts.Add(script.Request.Id, script);
        var outcome = _scheduler.Admit(script.Request, _clock.Now);
        foreach (var observer in _parts.Observers)
        {
            observer.Admitted(script.Request, outcome, _clock.Now);
        }

        if (outcome == AdmissionOutcome.Admitted)
        {
            _live++;
            if (script.CancelAfter is { } patience)
            {
                Schedule(new(EventKind.ClientLeaves, script.Request.Id.Value), _clock.Now + patience);
            }
        }

        _parts.Workload.Answered(script, outcome, _clock.Now);
    }

    private void DrainWhenDue()
    {
        var faults = _parts.Faults;
        if (_parts.Workload.Requests is { } total
            && _issued == total * faults.DrainAfterPerMille / 1000
            && !_scheduler.Snapshot.ShuttingDown)
        {
            _scheduler.Shutdown(ShutdownMode.FinishAdmitted, _clock.Now);
            if (faults.CancelOnDrain)
            {
                Schedule(new(EventKind.GraceEnds), _clock.Now + Duration.FromSeconds(faults.CancelAfterSecondsMean));
            }
        }
    }

    private void Cancel(RequestId id)
    {
        if (_scheduler.Cancel(id, _clock.Now))
        {
            foreach (var observer in _parts.Observers)
            {
                observer.Cancelled(id, _clock.Now);
            }
        }
    }

    private void CancelAll()
    {
        var live = _scheduler.CaptureSequences().Where(sequence => sequence.Phase != SequencePhase.Ended).ToArray();
        _scheduler.Shutdown(ShutdownMode.CancelAdmitted, _clock.Now);
        foreach (var sequence in live)
        {
            foreach (var observer in _parts.Observers)
            {
                observer.Cancelled(sequence.Id, _clock.Now);
            }
        }
    }

    private void PlanStep()
    {
        var plan = _scheduler.Plan(_clock.Now);
        _running = plan;
        _emptyPlans = plan.Slices.IsEmpty ? _emptyPlans + 1 : 0;
        Check.Invariant(_emptyPlans < EmptyPlansMax, $"step {plan.Step} is the {EmptyPlansMax}th in a row with nothing to run; {_live} requests live");
        foreach (var observer in _parts.Observers)
        {
            observer.Planned(plan, _clock.Now);
        }

        SubmitTransfers(plan);
        Schedule(new(EventKind.StepEnds), _clock.Now + StepDuration(plan));
    }

    private Duration StepDuration(StepPlan plan)
    {
        var slow = _slowSteps.Chance((ulong)_parts.Faults.SlowStepPerMille, 1000);
        var duration = _parts.Cost.StepDuration(plan) * (slow ? _parts.Faults.SlowStepFactor : 1);
        if (_parts.CopySlowdown > 0 && _parts.Link is { InFlight: > 0 } link)
        {
            var beside = Math.Min(link.BusyFor.Seconds, duration.Seconds * (1 + _parts.CopySlowdown));
            duration += Duration.FromSeconds(beside * _parts.CopySlowdown / (1 + _parts.CopySlowdown));
        }

        return duration;
    }

    private void SubmitTransfers(StepPlan plan)
    {
        if (plan.Transfers.IsEmpty && plan.CancelledTransfers.IsEmpty)
        {
            return;
        }

        var link = _parts.Link;
        Check.Invariant(link is not null, $"step {plan.Step} orders transfers in a world without a link");
        foreach (var ticket in plan.CancelledTransfers)
        {
            link.Cancel(ticket);
        }

        foreach (var order in plan.Transfers)
        {
            link.Submit(order);
        }

        DrainTransfers();
    }

    private void DrainTransfers()
    {
        while (_parts.Link!.TryTakeEnded(out var ended))
        {
            _scheduler.TransferEnded(ended.Ticket, ended.Outcome, _clock.Now);
            foreach (var observer in _parts.Observers)
            {
                observer.TransferEnded(ended, _clock.Now);
            }
        }
    }

    private void CompleteStep()
    {
        Check.Invariant(_running is not null, $"a step ends at {_clock.Now} and none runs");
        var plan = _running;
        _running = null;
        var completion = _scheduler.Complete(plan, _executor.Execute(plan), _clock.Now);
        foreach (var observer in _parts.Observers)
        {
            observer.Completed(plan, completion, _clock.Now);
        }

        foreach (var finished in completion.Finished)
        {
            _live--;
            _parts.Workload.Ended(_parts.Scripts[finished.Id], finished, _clock.Now);
            if (_parts.ForgetEnded)
            {
                _parts.Scripts.Remove(finished.Id);
            }
        }
    }

    private void Schedule(WorldEvent happening, Instant at) => _events.Enqueue(happening, at, (int)happening.Kind);

    private readonly record struct WorldEvent(EventKind Kind, long Number = 0);
}
