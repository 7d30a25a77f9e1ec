using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>base + a · prefill tokens + b · decoding sequences + c · KV positions read.</summary>
/// <remarks>
/// A slice of one token counts as decoding, a longer one as prefill. A slice reads the keys and values of every position up to its
/// last. The defaults resemble a model of some million parameters on two cores; fit them to a recorded run for other machines.
/// </remarks>
public sealed record LinearCostModel : ICostModel
{
    /// <summary>Cost of a step that is not empty.</summary>
    public long BaseNanoseconds { get; init; } = 1_000_000;

    /// <summary>Cost of one prefill token.</summary>
    public long PrefillTokenNanoseconds { get; init; } = 100_000;

    /// <summary>Cost of one decoding sequence.</summary>
    public long DecodeSequenceNanoseconds { get; init; } = 200_000;

    /// <summary>Cost of reading one KV position.</summary>
    public long KvTokenNanoseconds { get; init; } = 100;

    /// <inheritdoc/>
    public Duration StepDuration(StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var nanoseconds = plan.Slices.IsEmpty ? 0 : BaseNanoseconds;
        foreach (var slice in plan.Slices)
        {
            nanoseconds += slice.Tokens.Length == 1 ? DecodeSequenceNanoseconds : PrefillTokenNanoseconds * slice.Tokens.Length;
            nanoseconds += KvTokenNanoseconds * (slice.Start + slice.Tokens.Length);
        }

        return new(nanoseconds);
    }
}
