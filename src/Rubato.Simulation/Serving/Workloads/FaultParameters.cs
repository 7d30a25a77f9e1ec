namespace Rubato.Simulation.Serving;

/// <summary>What goes wrong in a simulated run. Chances are out of 1,000; 0 turns a fault off.</summary>
public sealed record FaultParameters
{
    /// <summary>Chance that a client leaves before its answer ends.</summary>
    public int CancelPerMille { get; init; }

    /// <summary>Mean of the exponential time after which a leaving client leaves.</summary>
    public double CancelAfterSecondsMean { get; init; } = 1;

    /// <summary>Chance that a step is slow.</summary>
    public int SlowStepPerMille { get; init; }

    /// <summary>A slow step takes this many times as long.</summary>
    public int SlowStepFactor { get; init; } = 20;

    /// <summary>Chance that the host ends a request at a stop string, at a random token.</summary>
    public int StopStringPerMille { get; init; }

    /// <summary>After this share of the requests, out of 1,000, the scheduler refuses new ones; 1,000: never.</summary>
    public int DrainAfterPerMille { get; init; } = 1000;

    /// <summary>Whether, some time after draining starts, the admitted requests are cancelled: a server's time of grace.</summary>
    public bool CancelOnDrain { get; init; }
}
