using Rubato.Core;

namespace Rubato.Serving.Fairness;

/// <summary>Who is served next: the state and the rule of one kind of fairness, given to the scheduler as a value.</summary>
/// <remarks>
/// <para>The scheduler drives it. Events: <see cref="Arrived"/>, <see cref="Served"/>, <see cref="Left"/>. In every step it selects:
/// <see cref="BeginSelection"/>, then <see cref="Next"/> until memory or the batch is full, and after each sequence that it takes
/// <see cref="Take"/>. Sequences that are taken run in this step or are brought in for the next; those that are not taken may lose their
/// device memory to those that are.</para>
/// <para>A policy that never displaces offers the resident sequences before all others. One object serves one scheduler. No clock, no randomness of its own:
/// equal calls give equal answers on every machine. No allocation per step in steady state.</para>
/// </remarks>
public interface IServicePolicy
{
    /// <summary>The name in flags, journals and metrics.</summary>
    string Name { get; }

    /// <summary>A request was admitted and waits.</summary>
    void Arrived(IScheduledSequence sequence, Instant now);

    /// <summary>A selection begins.</summary>
    /// <param name="live">All admitted sequences that have not ended, in order of arrival; valid until the next call of this method.</param>
    /// <param name="iteration">Steps with work since the start: what priority updates are counted in.</param>
    /// <param name="now">The time.</param>
    void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now);

    /// <summary>The most deserving sequence that this selection has not offered yet; null when there is none.</summary>
    IScheduledSequence? Next();

    /// <summary>The sequence offered last fits and is taken. A policy that charges for admission does so here, once per request.</summary>
    void Take(IScheduledSequence sequence);

    /// <summary>A step gave service to a sequence.</summary>
    /// <param name="sequence">To whom.</param>
    /// <param name="promptTokens">Tokens of its prompt that were computed for the first time.</param>
    /// <param name="outputTokens">Tokens that it was given.</param>
    /// <param name="now">When the step ended.</param>
    void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now);

    /// <summary>A sequence ended, in whatever way.</summary>
    void Left(IScheduledSequence sequence, Instant now);
}
