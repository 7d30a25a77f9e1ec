using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Safety: no step exceeds token budget, running limit, context length or block tables, or has two slices of a sequence.</summary>
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
        var sequences = plan.Slices.Select(slice => slice.Request).Distinct().Count();
        Check.Invariant(sequences == plan.Slices.Length, $"step {plan.Step} has a sequence twice");
        foreach (var slice in plan.Slices)
        {
            var end = slice.Start + slice.Tokens.Length;
            var place = $"step {plan.Step}: {slice.Request} at {slice.Start}…{end}";
            Check.Invariant(slice.Tokens.Length > 0 && end <= limits.ContextTokens, $"{place} of {limits.ContextTokens}");
            Check.Invariant(slice.Blocks.Length >= limits.BlocksFor(end), $"{place} writes beyond its {slice.Blocks.Length} blocks");
        }
    }
}
