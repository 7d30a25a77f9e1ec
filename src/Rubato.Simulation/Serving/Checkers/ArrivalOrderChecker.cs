using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>First come, first served: who runs arrived before everyone who waits, and the first request moves on in every step.</summary>
public sealed class ArrivalOrderChecker(IScheduler scheduler) : ServingObserver
{
    /// <inheritdoc/>
    public override void Planned(StepPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var live = scheduler.CaptureSequences().Where(sequence => sequence.Phase != SequencePhase.Ended).ToArray();
        var running = live.TakeWhile(sequence => sequence.Phase == SequencePhase.Running).Count();
        Check.Invariant(
            live.Skip(running).All(sequence => sequence.Phase == SequencePhase.Waiting),
            $"step {plan.Step}: {live[Math.Min(running, live.Length - 1)].Id} waits while a later arrival runs");
        Check.Invariant(
            live.Length == 0 || plan.Slices.Any(slice => slice.Request == live[0].Id),
            $"step {plan.Step} does nothing for {live[0].Id}, the first of {live.Length}");
    }
}
