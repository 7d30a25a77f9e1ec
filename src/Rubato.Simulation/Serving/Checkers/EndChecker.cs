using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Liveness: every admitted request ends exactly once, for the right reason, within a bounded count of steps.</summary>
internal sealed class EndChecker(IReadOnlyDictionary<RequestId, RequestScript> scripts) : ServingObserver
{
    private readonly HashSet<RequestId> _alive = [];
    private readonly HashSet<RequestId> _cancelled = [];
    private long _steps;
    private long _stepsMax;

    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        if (outcome == AdmissionOutcome.Admitted)
        {
            Check.Invariant(_alive.Add(request.Id), $"{request.Id} is admitted twice");

            // First come, first served: the first request moves by a token or more per step and is never preempted: no request needs more steps of its own
            // than it has tokens. One more step may report a cancellation.
            _stepsMax += request.PromptTokens.Length + request.OutputTokensMax + 1;
        }
    }

    public override void Cancelled(RequestId id, Instant now) => _cancelled.Add(id);

    public override void Planned(StepPlan plan, Instant now) =>
        Check.Invariant(++_steps <= _stepsMax, $"step {plan.Step}: {_alive.Count} requests are alive after {_stepsMax} steps");

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        foreach (var request in completion.Finished)
        {
            Check.Invariant(_alive.Remove(request.Id), $"{request} was not alive");
            var script = scripts[request.Id];
            if (_cancelled.Contains(request.Id))
            {
                Check.Invariant(request.Reason == FinishReason.Cancelled, $"{request} was cancelled");
            }
            else
            {
                Check.Invariant(
                    request.Reason == script.ExpectedReason && request.OutputTokens == script.ExpectedTokens,
                    $"{request} should end after {script.ExpectedTokens} with {script.ExpectedReason}");
            }
        }
    }

    public override void Ended(Instant now) =>
        Check.Invariant(_alive.Count == 0, $"{_alive.Count} requests never ended, {_alive.Min()} among them");
}
