using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>A scheduler that tells a test about calls, on the engine thread.</summary>
internal sealed class ObservedScheduler(IScheduler inner) : IScheduler
{
    public Action<Request>? Admitting { get; set; }

    public Action<RequestId>? Cancelled { get; set; }

    public Action<StepCompletion>? Completed { get; set; }

    public SchedulerLimits Limits => inner.Limits;

    public Instant? NextWakeup => inner.NextWakeup;

    public SchedulerSnapshot Snapshot => inner.Snapshot;

    public AdmissionOutcome Admit(Request request, Instant now)
    {
        Admitting?.Invoke(request);
        return inner.Admit(request, now);
    }

    public bool Cancel(RequestId id, Instant now)
    {
        var alive = inner.Cancel(id, now);
        Cancelled?.Invoke(id);
        return alive;
    }

    public StepPlan Plan(Instant now) => inner.Plan(now);

    public StepCompletion Complete(StepPlan plan, StepResult result, Instant now)
    {
        var completion = inner.Complete(plan, result, now);
        Completed?.Invoke(completion);
        return completion;
    }

    public void TransferEnded(long ticket, TransferOutcome outcome, Instant now) => inner.TransferEnded(ticket, outcome, now);

    public void Shutdown(ShutdownMode mode, Instant now) => inner.Shutdown(mode, now);

    public ImmutableArray<SequenceSnapshot> CaptureSequences() => inner.CaptureSequences();
}
