using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Profiles;

/// <summary>How long the steps of one model on one machine take.</summary>
/// <remarks>
/// A step takes its base, and for every position of keys and values that its decodes read, for every decoding sequence beyond the knee, and for
/// every prefill token. A step without a decode takes a share of the base only: that is how its publishers measured prefill batches. A slice of
/// one token counts as a decode.
/// </remarks>
public sealed record ComputeProfile : ICostModel
{
    /// <summary>Base of a step, in seconds.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Seconds per KV position that decodes read.</summary>
    public required double KvTokenSeconds { get; init; }

    /// <summary>Seconds per prefill token.</summary>
    public required double PrefillTokenSeconds { get; init; }

    /// <summary>Decoding sequences up to this many cost nothing of their own.</summary>
    public int KneeSequences { get; init; }

    /// <summary>Seconds per decoding sequence beyond the knee.</summary>
    public double SequenceSeconds { get; init; }

    /// <summary>Share of the base that a step of prefills only takes; in [0, 1].</summary>
    public double PrefillStepShare { get; init; } = 1;

    /// <summary>β: by how much of itself a step is longer while copies run beside it; at least 0.</summary>
    public double CopySlowdown { get; init; }

    /// <summary>Time of a step that decodes, in seconds.</summary>
    /// <param name="sequences">Decoding sequences.</param>
    /// <param name="kvTokens">KV positions that they read.</param>
    public double DecodeSeconds(int sequences, long kvTokens) =>
        StepSeconds + KvTokenSeconds * kvTokens + SequenceSeconds * Math.Max(0, sequences - KneeSequences);

    /// <inheritdoc/>
    public Duration StepDuration(StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var (decodes, kvTokens, prefillTokens) = (0, 0L, 0L);
        foreach (var slice in plan.Slices)
        {
            if (slice.Tokens.Length == 1)
            {
                decodes++;
                kvTokens += slice.Start + 1;
            }
            else
            {
                prefillTokens += slice.Tokens.Length;
            }
        }

        var seconds = plan.Slices.IsEmpty ? 0
            : PrefillTokenSeconds * prefillTokens + (decodes > 0 ? DecodeSeconds(decodes, kvTokens) : PrefillStepShare * StepSeconds);
        return Duration.FromSeconds(seconds);
    }
}
