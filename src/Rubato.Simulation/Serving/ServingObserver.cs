using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving;

/// <summary>Watches a simulated run: checkers, metrics, traces and logs. It changes nothing.</summary>
public abstract class ServingObserver
{
    /// <summary>A request was offered.</summary>
    public virtual void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
    }

    /// <summary>A live request was cancelled.</summary>
    public virtual void Cancelled(RequestId id, Instant now)
    {
    }

    /// <summary>A step was planned.</summary>
    public virtual void Planned(StepPlan plan, Instant now)
    {
    }

    /// <summary>A step was completed.</summary>
    public virtual void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
    }

    /// <summary>A transfer that a plan ordered has ended.</summary>
    public virtual void TransferEnded(EndedTransfer transfer, Instant now)
    {
    }

    /// <summary>For <paramref name="span"/>, until now, requests lived and nothing ran, for all waited for copies.</summary>
    public virtual void Stalled(Duration span, Instant now)
    {
    }

    /// <summary>The run is over: nothing more will happen.</summary>
    public virtual void Ended(Instant now)
    {
    }
}
