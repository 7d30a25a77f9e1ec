using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Safety: token budget, count of running sequences and context length are never exceeded, no sequence has two slices in a step.</summary>
public sealed class BudgetChecker(IScheduler scheduler) : ServingObserver
{
    /// <inheritdoc/>
    public override void Planned(StepPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var limits = scheduler.Limits;
        Check.Invariant(plan.TokenCount <= limits.TokenBudgetPerStep, $"step {plan.Step} has {plan.TokenCount} tokens");
        Check.Invariant(plan.Slices.Length <= limits.RunningMax, $"step {plan.Step} has {plan.Slices.Length} slices");
        Check.Invariant(scheduler.Snapshot.Running <= limits.RunningMax, $"step {plan.Step}: {scheduler.Snapshot}");
        Check.Invariant(plan.Slices.Select(slice => slice.Request).Distinct().Count() == plan.Slices.Length, $"step {plan.Step} has a sequence twice");
        foreach (var slice in plan.Slices)
        {
            var end = slice.Start + slice.Tokens.Length;
            Check.Invariant(slice.Tokens.Length > 0 && end <= limits.ContextTokens, $"step {plan.Step}: {slice.Request} at {slice.Start}…{end}");
            Check.Invariant((long)slice.Blocks.Length * limits.BlockTokens >= end, $"step {plan.Step}: {slice.Request} writes beyond its blocks");
        }
    }
}
