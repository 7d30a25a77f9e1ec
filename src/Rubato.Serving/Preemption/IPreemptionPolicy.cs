namespace Rubato.Serving.Preemption;

/// <summary>Which running sequence gives up its KV blocks when none is free: a value given to the scheduler.</summary>
/// <remarks>
/// The scheduler never offers the first of the running in queue order as a candidate, so that one always makes progress
/// whatever the policy says: no policy can bring the scheduler to a standstill.
/// </remarks>
public interface IPreemptionPolicy
{
    /// <summary>The name in flags, journals and metrics.</summary>
    string Name { get; }

    /// <summary>Chooses one of <paramref name="candidates"/> (at least one, in queue order).</summary>
    /// <returns>The index of the victim in <paramref name="candidates"/>.</returns>
    int SelectVictim(IReadOnlyList<IScheduledSequence> candidates);
}
