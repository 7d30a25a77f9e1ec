using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Safety: the blocks hold what the step reads.</summary>
/// <remarks>
/// Writes (request, position) where a kernel would write keys and values. Catches stale blocks after a preemption, wrong block
/// tables, skipped positions.
/// </remarks>
public sealed class KvContentChecker(IScheduler scheduler) : ServingObserver
{
    private readonly Dictionary<(BlockId Block, int Offset), (RequestId Request, int Position)> _memory = [];

    /// <inheritdoc/>
    public override void Planned(StepPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var slice in plan.Slices)
        {
            for (var position = 0; position < slice.Start; position++)
            {
                var found = _memory.GetValueOrDefault(Address(slice, position), (new(-1), -1));
                Check.Invariant(
                    found == (slice.Request, position),
                    $"step {plan.Step}: {slice.Request} reads position {position} and finds {found}");
            }
        }

        foreach (var slice in plan.Slices)
        {
            for (var i = 0; i < slice.Tokens.Length; i++)
            {
                _memory[Address(slice, slice.Start + i)] = (slice.Request, slice.Start + i);
            }
        }
    }

    private (BlockId Block, int Offset) Address(SequenceSlice slice, int position)
    {
        var blockTokens = scheduler.Limits.BlockTokens;
        return (slice.Blocks[position / blockTokens], position % blockTokens);
    }
}
