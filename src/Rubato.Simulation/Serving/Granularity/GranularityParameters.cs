using Rubato.Serving.Memory.Arenas;

namespace Rubato.Simulation.Serving.Granularity;

/// <summary>A workload of context switches, and the allocator of both arenas.</summary>
/// <remarks>The arenas are those of an 8-billion-parameter Llama 3 on a card of 24 GB with 60 GB of swap memory, at 16 tokens a block.</remarks>
public sealed record GranularityParameters
{
    /// <summary>A name of <see cref="BlockAllocators.Names"/>.</summary>
    public string Allocator { get; init; } = BlockAllocators.Groups;

    /// <summary>Sizes of the groups.</summary>
    public GroupSizes Groups { get; init; } = GroupSizes.Default;

    /// <summary>The share of the device arena that contexts fill after each round, above 0 and below 1.</summary>
    public double Occupancy { get; init; } = 0.9;

    /// <summary>Blocks of the device arena.</summary>
    public int DeviceBlocks { get; init; } = 2160;

    /// <summary>Blocks of the swap arena.</summary>
    public int SwapBlocks { get; init; } = 28_610;

    /// <summary>Rounds that are counted, after a quarter as many that are not.</summary>
    public int Rounds { get; init; } = 200;

    /// <summary>Drawn from this.</summary>
    public ulong Seed { get; init; } = 1;
}
