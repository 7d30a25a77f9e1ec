using Rubato.Core;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Memory;
using Rubato.Models;
using Rubato.Serving;

namespace Rubato.Inference.Caching;

/// <summary>
/// The keys and values of all running sequences, in blocks of a fixed number of positions. A block holds its positions in all
/// layers. Who owns which block is the scheduler's business: the cache is addressed by block tables only.
/// </summary>
public sealed class KvCache : IDisposable
{
    /// <summary>Reserves a pool of blocks. Memory is taken from the operating system when a block is first written.</summary>
    /// <param name="configuration">The model that the cache is for.</param>
    /// <param name="blockTokens">Positions in a block, as <see cref="SchedulerOptions.BlockTokens"/>: 1 … 1024.</param>
    /// <param name="blocks">Blocks in the pool, as <see cref="SchedulerOptions.KvBlocks"/>: at least 1.</param>
    /// <param name="format">How numbers are kept.</param>
    /// <param name="layout">How blocks lie in memory: contiguous, unless layouts are to be compared.</param>
    /// <exception cref="InvalidOptionException">A number is out of range, or the pool is larger than memory can be.</exception>
    public KvCache(
        ModelConfiguration configuration, int blockTokens, int blocks, KvFormat format = KvFormat.F32, KvLayout layout = KvLayout.BlockMajor)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (blockTokens is < 1 or > 1024)
        {
            throw new InvalidOptionException($"block tokens: {blockTokens} is not in 1…1024; 16 suits most models.");
        }

        if (blocks < 1)
        {
            throw new InvalidOptionException($"KV blocks: {blocks} is not at least 1; give the cache more memory.");
        }

        var shape = Shape(configuration, blockTokens, format);
        try
        {
            Memory = new(shape, blocks, layout);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or OverflowException)
        {
            throw new InvalidOptionException(
                $"KV blocks: {blocks} blocks of {shape.BytesPerBlock} bytes are more than this machine gives; ask for fewer.");
        }
    }

    /// <summary>Positions in a block.</summary>
    public int BlockTokens => Memory.Shape.BlockTokens;

    /// <summary>Blocks in the pool.</summary>
    public int Blocks => Memory.Blocks;

    /// <summary>How numbers are kept.</summary>
    public KvFormat Format => Memory.Shape.Format;

    /// <summary>Bytes of memory that one block takes over all layers.</summary>
    public long BytesPerBlock => Geometry.BlockBytes;

    /// <summary>Where blocks lie in <see cref="Region"/>.</summary>
    public BlockGeometry Geometry => Memory.Geometry;

    /// <summary>The raw bytes, for those who move whole blocks. A block must not be moved while a step writes it.</summary>
    public NativeRegion Region => Memory.Region;

    internal PagedKeyValues Memory { get; }

    /// <summary>Bytes that one block takes: the size estimate for a pool before it is made.</summary>
    public static long EstimateBytesPerBlock(ModelConfiguration configuration, int blockTokens, KvFormat format = KvFormat.F32) =>
        Shape(configuration, blockTokens, format).Geometry(1).BlockBytes;

    /// <summary>How many blocks fit in <paramref name="memoryBytes"/>; 0 when not even one does.</summary>
    public static int BlocksForBudget(
        ModelConfiguration configuration, int blockTokens, long memoryBytes, KvFormat format = KvFormat.F32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBytes);
        return (int)Math.Min(Shape(configuration, blockTokens, format).BlocksIn(memoryBytes), int.MaxValue);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => Memory.Dispose();

    private static KvShape Shape(ModelConfiguration configuration, int blockTokens, KvFormat format) =>
        new(configuration.BlockCount, configuration.KeyValueHeadCount, configuration.HeadLength, blockTokens, format);
}
