using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Serving;

/// <summary>A scheduler as its driver sees it: a synchronous, single-threaded state machine that never asks the time.</summary>
/// <remarks>
/// The driver's loop, live or simulated: while <see cref="NextWakeup"/> is due, call <see cref="Plan"/>, execute the plan, call
/// <see cref="Complete"/>. Between these calls it may admit and cancel. The instants of successive calls never decrease.
/// A broken rule throws <see cref="InvariantViolationException"/>.
/// </remarks>
public interface IScheduler
{
    /// <summary>The validated limits.</summary>
    SchedulerLimits Limits { get; }

    /// <summary>When <see cref="Plan"/> wants to be called; null: not before another input. An instant in the past means at once.</summary>
    Instant? NextWakeup { get; }

    /// <summary>The state now.</summary>
    SchedulerSnapshot Snapshot { get; }

    /// <summary>Takes a request into the queue, or says why not.</summary>
    AdmissionOutcome Admit(Request request, Instant now);

    /// <summary>Ends a request. No token of it is emitted after this call.</summary>
    /// <remarks>
    /// Its blocks are free at once, or, when the outstanding plan uses them, at the completion of that plan. The next completion
    /// lists it as finished.
    /// </remarks>
    /// <returns>Whether the request was alive (admitted, not ended, not cancelled before).</returns>
    bool Cancel(RequestId id, Instant now);

    /// <summary>Orders the next step. Exactly one plan is outstanding at a time; also an empty one must be completed.</summary>
    StepPlan Plan(Instant now);

    /// <summary>Absorbs what the outstanding plan gave.</summary>
    /// <param name="plan">The plan that <see cref="Plan"/> returned last.</param>
    /// <param name="result">One token per sampling slice, in the order of the slices.</param>
    /// <param name="now">When the step ended.</param>
    StepCompletion Complete(StepPlan plan, StepResult result, Instant now);

    /// <summary>A transfer that a plan ordered has ended. Every one is reported exactly once, between a plan and its completion too.</summary>
    void TransferEnded(long ticket, TransferOutcome outcome, Instant now);

    /// <summary>Refuses new requests from now on; may be called again with a harsher mode.</summary>
    void Shutdown(ShutdownMode mode, Instant now);

    /// <summary>All admitted requests that no completion has listed yet, in order of arrival.</summary>
    ImmutableArray<SequenceSnapshot> CaptureSequences();
}
