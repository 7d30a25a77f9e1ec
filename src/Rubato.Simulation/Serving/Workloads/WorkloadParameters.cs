namespace Rubato.Simulation.Serving;

/// <summary>Requests of a simulated run. Lengths are gamma distributed with shape 2, at least 1.</summary>
public sealed record WorkloadParameters
{
    /// <summary>Requests to issue, those refused included.</summary>
    public int Requests { get; init; } = 200;

    /// <summary>Clients.</summary>
    public int Clients { get; init; } = 8;

    /// <summary>Open loop: Poisson arrivals at this rate. 0: closed loop, each client waits for its answer and thinks.</summary>
    public double ArrivalsPerSecond { get; init; } = 4;

    /// <summary>Closed loop: mean of the exponential time that a client thinks.</summary>
    public double ThinkSecondsMean { get; init; } = 1;

    /// <summary>Mean length of a prompt.</summary>
    public double PromptTokensMean { get; init; } = 128;

    /// <summary>Mean length of an answer that is not cut short.</summary>
    public double OutputTokensMean { get; init; } = 64;

    /// <summary>Requests belong to this many groups, at random; those of one group begin alike. 0: no two begin alike.</summary>
    public int PrefixGroups { get; init; }

    /// <summary>How many tokens the requests of a group share; what is longer than a prompt makes outputs alike too.</summary>
    public int PrefixTokens { get; init; }

    /// <summary>Requests have one of this many cache salts, at random; 1: all have the same.</summary>
    public int CacheSalts { get; init; } = 1;

    /// <summary>Limit on generated tokens that requests state.</summary>
    public int OutputTokensMax { get; init; } = 256;
}
