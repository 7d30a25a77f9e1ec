using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Rubato.Serving.Fairness.Costs;

namespace Rubato.Serving.Fairness;

/// <summary>The parameters of all service policies; each policy reads those that its name is given with. Values, no state: one object serves many policies.</summary>
public sealed record ServicePolicyOptions
{
    /// <summary>The defaults.</summary>
    public static ServicePolicyOptions Default { get; } = new();

    /// <summary>Service units that one token of a prompt is worth (vtc, vtc-preemptive, dlpm, mlfq). Range 0…1,000,000; default 1.</summary>
    [Range(0.0, 1e6)]
    public double PromptWeight { get; init; } = 1;

    /// <summary>Service units that one generated token is worth (vtc, vtc-preemptive, dlpm, mlfq). Range 0.000001…1,000,000; default 2.</summary>
    [Range(1e-6, 1e6)]
    public double OutputWeight { get; init; } = 2;

    /// <summary>
    /// Shares of clients by name (vtc, vtc-preemptive): a client of weight 2 receives twice the service of one of weight 1. Clients that are
    /// not named have weight 1. Range of a weight 0.000001…1,000,000; default none.
    /// </summary>
    public ImmutableSortedDictionary<string, double> ClientWeights { get; init; } = ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>What service costs (vtc, vtc-preemptive). Default <see cref="ServiceCostKind.Weighted"/>.</summary>
    public ServiceCostKind Cost { get; init; } = ServiceCostKind.Weighted;

    /// <summary>What is charged at admission for output that is still to come (vtc, vtc-preemptive). Default <see cref="OutputPrediction.None"/>.</summary>
    public OutputPrediction Prediction { get; init; } = OutputPrediction.None;

    /// <summary>
    /// Generated tokens between two switches: a turn of round-robin, part of the threshold of vtc-preemptive, the first level of mlfq.
    /// Range 1…1,000,000; default 32.
    /// </summary>
    [Range(1, 1_000_000)]
    public int QuantumTokens { get; init; } = 32;

    /// <summary>
    /// Generated tokens that a sequence forgoes while it is switched out and in: the other part of the threshold of vtc-preemptive.
    /// Range 0…1,000,000; default 8.
    /// </summary>
    [Range(0, 1_000_000)]
    public int SwitchCostTokens { get; init; } = 8;

    /// <summary>
    /// Service units that a client must be behind another before it displaces one of its sequences (vtc-preemptive). Range 0…1e12; null for
    /// the cost of <see cref="QuantumTokens"/> + <see cref="SwitchCostTokens"/> generated tokens: 80 with all defaults. Default null.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// Steps between updates of priorities: of the trace, of what vtc-preemptive may displace, of promotions in mlfq. Range 1…1,000,000,000;
    /// null for 25 with trace and 1 with the others. Default null.
    /// </summary>
    public int? UpdateEveryIterations { get; init; }

    /// <summary>Seconds between updates, in place of <see cref="UpdateEveryIterations"/>. Range 0.000001…1,000,000; null counts steps. Default null.</summary>
    public double? UpdateEverySeconds { get; init; }

    /// <summary>
    /// Correlation of a conversation's priority with its previous one (trace): 0 is the pattern "random", 0.8 "markov". Range 0…0.99; default 0.
    /// </summary>
    [Range(0.0, 0.99)]
    public double TraceCorrelation { get; init; }

    /// <summary>Chooses the priorities of a trace; equal seeds, equal priorities, whatever system is under test. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Service units that each client is granted when all that wait have used up theirs (dlpm). Range 0.000001…1e12; default 2,048.</summary>
    [Range(1e-6, 1e12)]
    public double DeficitQuantum { get; init; } = 2048;

    /// <summary>Levels (mlfq). Range 1…32; default 6.</summary>
    [Range(1, 32)]
    public int Levels { get; init; } = 6;

    /// <summary>Quantum of a level over that of the one above it (mlfq). Range 1…1,000; default 2.</summary>
    [Range(1.0, 1000.0)]
    public double LevelRatio { get; init; } = 2;

    /// <summary>Seconds without service after which a sequence rises to the highest level (mlfq). Range 0.000001…1,000,000; default 10.</summary>
    [Range(1e-6, 1e6)]
    public double StarvationSeconds { get; init; } = 10;

    /// <summary>Seconds to the first token that satisfy a user (qoe). Range 0…1,000,000; default 1.</summary>
    [Range(0.0, 1e6)]
    public double TargetTtftSeconds { get; init; } = 1;

    /// <summary>Seconds per token at which a user reads (qoe). Range 0.000001…1,000,000; default 0.2.</summary>
    [Range(1e-6, 1e6)]
    public double TargetTokenSeconds { get; init; } = 0.2;

    /// <summary>Seconds that the gain of being served is foreseen for (qoe). Range 0.000001…1,000,000; default 5.</summary>
    [Range(1e-6, 1e6)]
    public double HorizonSeconds { get; init; } = 5;

    /// <summary>Seconds per token that a sequence gets when it is served (qoe). Range 0.000001…1,000,000; null measures it. Default null.</summary>
    public double? ServedTokenSeconds { get; init; }

    /// <summary>What the value of a resident sequence is multiplied by, against needless switches (qoe). Range 1…1,000; default 1.5.</summary>
    [Range(1.0, 1000.0)]
    public double ResidentBonus { get; init; } = 1.5;

    /// <summary>KV blocks of the device (qoe): below <see cref="ContestedShare"/> of them in use, arrival decides. 0: value always decides. Default 0.</summary>
    [Range(0, 1 << 24)]
    public int DeviceBlocks { get; init; }

    /// <summary>The share of <see cref="DeviceBlocks"/> in use from which on value decides (qoe). Range 0…1; default 0.9.</summary>
    [Range(0.0, 1.0)]
    public double ContestedShare { get; init; } = 0.9;
}
