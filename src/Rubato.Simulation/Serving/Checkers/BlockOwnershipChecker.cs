using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>
/// Safety: a block that is written has one holder, free and held blocks add up to the pool, and so do the references to them. What a shared
/// block contains is the business of <see cref="KvContentChecker"/>.
/// </summary>
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

        // A running sequence without a slice in this step may have grown: the model learns of its blocks from the state, of all others
        // from the plan.
        var states = scheduler.CaptureSequences().ToDictionary(sequence => sequence.Id);
        foreach (var state in states.Values)
        {
            HoldOrRelease(state);
        }

        foreach (var slice in plan.Slices)
        {
            Check.Invariant(slice.Blocks.Distinct().Count() == slice.Blocks.Length, $"step {plan.Step}: {slice.Request} has a block twice");
            _model.Hold(slice.Request, slice.Blocks);
        }

        CheckWrites(plan);
        foreach (var slice in plan.Slices)
        {
            Check.Invariant(
                _model.BlocksOf(slice.Request).SetEquals(states[slice.Request].Blocks),
                $"step {plan.Step}: {slice.Request} is planned with blocks that are not its own");
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

        // A sequence may have exchanged a block for one of the same content.
        foreach (var state in scheduler.CaptureSequences())
        {
            HoldOrRelease(state);
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
    public override void Ended(Instant now)
    {
        var snapshot = scheduler.Snapshot;
        Check.Invariant(snapshot.FreeBlocks == scheduler.Limits.KvBlocks && snapshot.BlockReferences == 0, $"blocks leaked: {snapshot}");
    }

    private void CheckWrites(StepPlan plan)
    {
        var shared = _model.Shared();
        if (shared.Count == 0)
        {
            return;
        }

        var blockTokens = scheduler.Limits.BlockTokens;
        foreach (var slice in plan.Slices)
        {
            var end = Math.Min(slice.Blocks.Length, scheduler.Limits.BlocksFor(slice.Start + slice.Tokens.Length));
            for (var index = slice.Start / blockTokens; index < end; index++)
            {
                var block = slice.Blocks[index];
                Check.Invariant(
                    !shared.Contains(block),
                    $"step {plan.Step}: {block} is given to {slice.Request} to write and held by {string.Join(", ", _model.HoldersOf(block).Order())}");
            }
        }
    }

    private void HoldOrRelease(SequenceSnapshot sequence)
    {
        if (sequence.Blocks.IsEmpty)
        {
            _model.Release(sequence.Id);
        }
        else
        {
            _model.Hold(sequence.Id, sequence.Blocks);
        }
    }

    private void CheckTotals(long step)
    {
        var snapshot = scheduler.Snapshot;
        Check.Invariant(_model.Free == snapshot.FreeBlocks, $"step {step}: the model has {_model.Free} free, {snapshot}");
        Check.Invariant(_model.References == snapshot.BlockReferences, $"step {step}: the model has {_model.References} references, {snapshot}");
        Check.Invariant(snapshot.CachedBlocks <= snapshot.FreeBlocks, $"step {step}: {snapshot}");
    }
}
