using Rubato.Core;
using Rubato.Kernels.Attention;

namespace Rubato.Hosting.Transfers.Benchmarks;

/// <summary>What <see cref="SwitchBenchmark"/> measures.</summary>
public sealed record SwitchBenchmarkOptions
{
    /// <summary>Where keys and values go: memory, or a file.</summary>
    public SwapTierKind Tier { get; init; } = SwapTierKind.Ram;

    /// <summary>The file, or a folder to put one into; needed for the file tier.</summary>
    public string? Path { get; init; }

    /// <summary>How blocks lie in both arenas.</summary>
    public KvLayout Layout { get; init; }

    /// <summary>Shape of the cache. What it is without a model: 30 layers of 3 heads of 64 numbers in single precision, as models of 135 M parameters have.</summary>
    public KvShape Shape { get; init; } = new(30, 3, 64, 16, KvFormat.F32);

    /// <summary>Tokens of the conversation that is switched; 1 … 1,048,576.</summary>
    public int ContextTokens { get; init; } = 500;

    /// <summary>Blocks in a group; 1 … 65,536.</summary>
    public int GroupBlocks { get; init; } = 16;

    /// <summary>Measurements of each kind, after one that warms up; 1 … 10,000.</summary>
    public int Runs { get; init; } = 15;

    /// <summary>Seed of the places.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Blocks that the conversation takes.</summary>
    internal int Blocks => ((ContextTokens - 1) / Shape.BlockTokens) + 1;

    internal void Validate()
    {
        if (ContextTokens is < 1 or > 1 << 20)
        {
            throw new InvalidOptionException($"context: {ContextTokens} tokens are not in 1…1048576.");
        }

        if (GroupBlocks is < 1 or > 1 << 16)
        {
            throw new InvalidOptionException($"group: {GroupBlocks} blocks are not in 1…65536.");
        }

        if (Runs is < 1 or > 10_000)
        {
            throw new InvalidOptionException($"runs: {Runs} is not in 1…10000.");
        }

        if (Shape.Geometry(1, Layout).Stride > 1 << 30)
        {
            throw new InvalidOptionException($"block tokens: a block of {Shape.BlockTokens} tokens takes more than 1 GiB; ask for fewer.");
        }

        if (Tier == SwapTierKind.None || (Tier == SwapTierKind.File && string.IsNullOrEmpty(Path)))
        {
            throw new InvalidOptionException("tier: name memory, or a file with its path.");
        }
    }
}
