using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Safety: no block has two owners, and free + used = total, judged from plans and completions alone.</summary>
public sealed class BlockOwnershipChecker(IScheduler scheduler) : ServingObserver
{
    private readonly BlockPoolModel _model = new(scheduler.Limits.KvBlocks);

    /// <inheritdoc/>
    public override void Planned(StepPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var request in plan.Preempted)
        {
            _model.Release(request);
        }

        foreach (var slice in plan.Slices)
        {
            Check.Invariant(slice.Blocks.Distinct().Count() == slice.Blocks.Length, $"step {plan.Step}: {slice.Request} has a block twice");
            foreach (var block in slice.Blocks)
            {
                _model.Hold(slice.Request, block);
            }
        }

        CheckTotals(plan.Step);
    }

    /// <inheritdoc/>
    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(completion);
        foreach (var request in completion.Finished)
        {
            _model.Release(request.Id);
        }

        CheckTotals(plan.Step);
    }

    /// <inheritdoc/>
    public override void Cancelled(RequestId id, Instant now)
    {
        if (scheduler.CaptureSequences().Any(sequence => sequence.Id == id && sequence.Phase == SequencePhase.Ended))
        {
            _model.Release(id);
        }
    }

    /// <inheritdoc/>
    public override void Ended(Instant now) =>
        Check.Invariant(scheduler.Snapshot.FreeBlocks == scheduler.Limits.KvBlocks, $"blocks leaked: {scheduler.Snapshot}");

    private void CheckTotals(long step)
    {
        var held = 0;
        foreach (var sequence in scheduler.CaptureSequences())
        {
            held += sequence.Blocks.Length;
            foreach (var block in sequence.Blocks)
            {
                // A running sequence without a slice in this step may have grown: the model learns of its block here.
                _model.Hold(sequence.Id, block);
            }
        }

        var snapshot = scheduler.Snapshot;
        Check.Invariant(held + snapshot.FreeBlocks == snapshot.TotalBlocks, $"step {step}: {held} held, {snapshot}");
        Check.Invariant(_model.Free == snapshot.FreeBlocks, $"step {step}: the model has {_model.Free} free, {snapshot}");
    }
}
