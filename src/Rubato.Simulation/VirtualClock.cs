using Rubato.Core;

namespace Rubato.Simulation;

/// <summary>The clock of one simulated world: it moves when its owner, and nobody else, moves it.</summary>
public sealed class VirtualClock
{
    /// <summary>Starts at <paramref name="start"/>.</summary>
    public VirtualClock(Instant start = default) => Now = start;

    /// <summary>The time in this world.</summary>
    public Instant Now { get; private set; }

    /// <summary>Jumps to <paramref name="at"/>.</summary>
    /// <exception cref="InvariantViolationException">That is in the past.</exception>
    public void AdvanceTo(Instant at)
    {
        Check.Invariant(at >= Now, $"the clock stands at {Now} and was asked to go back to {at}");
        Now = at;
    }
}
