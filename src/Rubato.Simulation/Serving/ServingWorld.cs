using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>The virtual-clock driver: steps the very scheduler that a live host steps, with a cost model in place of kernels.</summary>
/// <remarks>One world has one clock, one event queue and one seed; worlds share nothing and may run side by side.</remarks>
internal sealed class ServingWorld
{
    private readonly ServingParameters _parameters;
    private readonly IScheduler _scheduler;
    private readonly Dictionary<RequestId, RequestScript> _scripts;
    private readonly IReadOnlyList<ServingObserver> _observers;
    private readonly SimulatedExecutor _executor;
    private readonly RequestSource _source;
    private readonly Prng _arrivals;
    private readonly Prng _slowSteps;
    private readonly VirtualClock _clock = new();
    private readonly EventQueue<WorldEvent> _events = new();
    private int _issued;
    private bool _planDue;
    private StepPlan? _running;

    public ServingWorld(
        ServingParameters parameters,
        ulong seed,
        IScheduler scheduler,
        Dictionary<RequestId, RequestScript> scripts,
        IReadOnlyList<ServingObserver> observers)
    {
        var prng = new Prng(seed);
        (_parameters, _scheduler, _scripts, _observers) = (parameters, scheduler, scripts, observers);
        _executor = new(scripts);
        _source = new(parameters, prng);
        _arrivals = prng.Split("arrivals");
        _slowSteps = prng.Split("slow steps");
    }

    // In this order at one instant: a step ends, clients act, then the next step is planned with all that is known.
    private enum EventKind
    {
        StepEnds,
        ClientLeaves,
        RequestArrives,
        GraceEnds,
        PlanDue,
    }

    private bool ClosedLoop => _parameters.Workload.ArrivalsPerSecond <= 0;

    /// <summary>Runs until nothing is left to happen.</summary>
    public void Run()
    {
        ScheduleFirstArrivals();
        while (_events.TryDequeue(out var happening, out var key))
        {
            _clock.AdvanceTo(key.At);
            Happen(happening);
            if (!_planDue && _scheduler.NextWakeup is { } wakeup)
            {
                _planDue = true;
                Schedule(new(EventKind.PlanDue), Instant.Max(wakeup, _clock.Now));
            }
        }

        Tell(observer => observer.Ended(_clock.Now));
    }

    private void Happen(WorldEvent happening)
    {
        switch (happening.Kind)
        {
            case EventKind.StepEnds:
                CompleteStep();
                break;
            case EventKind.ClientLeaves:
                Cancel(new(happening.Number));
                break;
            case EventKind.RequestArrives:
                Issue((int)happening.Number);
                break;
            case EventKind.GraceEnds:
                CancelAll();
                break;
            default:
                PlanStep();
                break;
        }
    }

    private void ScheduleFirstArrivals()
    {
        for (var client = 0; client < (ClosedLoop ? _parameters.Workload.Clients : 1); client++)
        {
            ScheduleArrival(client);
        }
    }

    private void ScheduleArrival(int client)
    {
        var mean = ClosedLoop ? _parameters.Workload.ThinkSecondsMean : 1 / _parameters.Workload.ArrivalsPerSecond;
        var gap = mean > 0 ? Duration.FromSeconds(_arrivals.NextExponential(1 / mean)) : Duration.Zero;
        Schedule(new(EventKind.RequestArrives, client), _clock.Now + gap);
    }

    private void Issue(int client)
    {
        if (_issued == _parameters.Workload.Requests)
        {
            return;
        }

        DrainWhenDue();
        var asking = ClosedLoop ? client : _issued % _parameters.Workload.Clients;
        var script = _source.Draw(_issued++, asking);
        _scripts.Add(script.Request.Id, script);
        var outcome = _scheduler.Admit(script.Request, _clock.Now);
        Tell(observer => observer.Admitted(script.Request, outcome, _clock.Now));
        if (outcome == AdmissionOutcome.Admitted && script.CancelAfter is { } patience)
        {
            Schedule(new(EventKind.ClientLeaves, script.Request.Id.Value), _clock.Now + patience);
        }

        if (!ClosedLoop || outcome != AdmissionOutcome.Admitted)
        {
            ScheduleArrival(client);
        }
    }

    private void DrainWhenDue()
    {
        var faults = _parameters.Faults;
        if (_issued == (long)_parameters.Workload.Requests * faults.DrainAfterPerMille / 1000 && !_scheduler.Snapshot.ShuttingDown)
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
            Tell(observer => observer.Cancelled(id, _clock.Now));
        }
    }

    private void CancelAll()
    {
        var live = _scheduler.CaptureSequences().Where(sequence => sequence.Phase != SequencePhase.Ended).ToArray();
        _scheduler.Shutdown(ShutdownMode.CancelAdmitted, _clock.Now);
        foreach (var sequence in live)
        {
            Tell(observer => observer.Cancelled(sequence.Id, _clock.Now));
        }
    }

    private void PlanStep()
    {
        var plan = _scheduler.Plan(_clock.Now);
        _planDue = false;
        _running = plan;
        Tell(observer => observer.Planned(plan, _clock.Now));
        var slow = _slowSteps.Chance((ulong)_parameters.Faults.SlowStepPerMille, 1000);
        var duration = _parameters.Cost.StepDuration(plan) * (slow ? _parameters.Faults.SlowStepFactor : 1);
        Schedule(new(EventKind.StepEnds), _clock.Now + duration);
    }

    private void CompleteStep()
    {
        Check.Invariant(_running is not null, $"a step ends at {_clock.Now} and none runs");
        var plan = _running;
        _running = null;
        var completion = _scheduler.Complete(plan, _executor.Execute(plan), _clock.Now);
        Tell(observer => observer.Completed(plan, completion, _clock.Now));
        if (ClosedLoop)
        {
            foreach (var request in completion.Finished)
            {
                ScheduleArrival(_scripts[request.Id].Client);
            }
        }
    }

    private void Schedule(WorldEvent happening, Instant at) => _events.Enqueue(happening, at, (int)happening.Kind);

    private void Tell(Action<ServingObserver> news)
    {
        foreach (var observer in _observers)
        {
            news(observer);
        }
    }

    private readonly record struct WorldEvent(EventKind Kind, long Number = 0);
}
