using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>Priorities of conversations over time that depend on nothing but a seed: every system under test sees the same ones.</summary>
/// <remarks>
/// At each update a conversation keeps its priority with probability ρ and otherwise draws a new one, uniform over [0, 1). So priorities are
/// uniform at all times and the correlation of successive ones is ρ. Draws are hashes of seed, conversation and update (SplitMix64), hence any
/// value can be had without those before it. The two patterns, random and Markov, follow Yin et al., "LLM as a System Service on Mobile
/// Devices", 2024; their transition probabilities are not known, these are ours.
/// </remarks>
/// <param name="seed">Chooses the trace.</param>
/// <param name="correlation">ρ, in [0, 0.99].</param>
public sealed class PriorityTrace(ulong seed, double correlation)
{
    private const double UnitOfDraw = 1.0 / (1UL << 53);

    private readonly double _correlation = correlation is >= 0 and <= 0.99
        ? correlation
        : throw new InvalidOptionException($"The correlation of a priority trace is {FormattableString.Invariant($"{correlation}")}, outside 0…0.99: use 0 for random, 0.8 for markov.");

    /// <summary>The priority of a conversation at an update.</summary>
    /// <param name="conversation">Any number that identifies the conversation.</param>
    /// <param name="update">The number of the update, from 0.</param>
    /// <returns>In [0, 1); lower is served earlier.</returns>
    public double At(ulong conversation, long update) => At(conversation, update, knownAt: -1, known: 0);

    /// <summary>The priority at an update, given the one at an earlier update.</summary>
    internal double At(ulong conversation, long update, long knownAt, double known)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(update);
        var stream = Prng.Mix(seed, conversation);
        var drawn = update;
        while (drawn > 0 && drawn > knownAt && Draw(stream, drawn, 0) < _correlation)
        {
            drawn--;
        }

        return drawn == knownAt ? known : Draw(stream, drawn, 1);
    }

    private static double Draw(ulong stream, long update, ulong which) =>
        (Prng.Mix(stream, unchecked(2 * (ulong)update + which)) >> 11) * UnitOfDraw;
}
