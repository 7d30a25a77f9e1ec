namespace Rubato.Simulation.Serving.Profiles;

/// <summary>Room for keys and values, and the limits of a batch.</summary>
public sealed record MemoryProfile
{
    /// <summary>Token positions in a block.</summary>
    public required int BlockTokens { get; init; }

    /// <summary>N_d: blocks of the device arena.</summary>
    public required int DeviceBlocks { get; init; }

    /// <summary>N_s: blocks of the swap arena.</summary>
    public required int SwapBlocks { get; init; }

    /// <summary>Context length of the model.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Most sequences in a step.</summary>
    public required int SequencesMax { get; init; }

    /// <summary>Most tokens in a step.</summary>
    public required int TokensPerStep { get; init; }
}
