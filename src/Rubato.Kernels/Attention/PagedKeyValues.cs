using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Attention;

/// <summary>The memory of a paged key-value cache: blocks of positions, each with all layers.</summary>
/// <remarks>The operating system provides pages when they are first written, so a large pool costs nothing until it is used.</remarks>
public sealed unsafe class PagedKeyValues : IDisposable
{
    private const int RowsPerItem = 32;

    /// <summary>Reserves memory for <paramref name="blocks"/> blocks.</summary>
    /// <param name="shape">Shape of the cache; every number at least 1.</param>
    /// <param name="blocks">Number of blocks, at least 1.</param>
    /// <param name="layout">How they lie in memory.</param>
    /// <exception cref="OutOfMemoryException">The operating system has no such amount of memory.</exception>
    public PagedKeyValues(KvShape shape, int blocks, KvLayout layout = KvLayout.BlockMajor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Layers, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Heads, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.HeadDimension, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.BlockTokens, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        Shape = shape;
        Blocks = blocks;
        Layout = layout;
        Geometry = shape.Geometry(blocks, layout);
        Region = new(Geometry.Bytes);
    }

    /// <summary>Shape of the cache.</summary>
    public KvShape Shape { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>How blocks lie in memory.</summary>
    public KvLayout Layout { get; }

    /// <summary>Where they lie in <see cref="Region"/>.</summary>
    public BlockGeometry Geometry { get; }

    /// <summary>The raw bytes, for those who move whole blocks. A block must not be moved while a step writes it.</summary>
    public NativeRegion Region { get; }

    /// <summary>Stores the keys and values of all rows of a step in their blocks.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="plan">Which row belongs to which block.</param>
    /// <param name="rows">Rows <paramref name="stride"/> numbers apart that hold keys and values, each [heads, head dimension].</param>
    /// <param name="stride">Distance of rows in numbers.</param>
    /// <param name="keyOffset">Where in a row the keys begin.</param>
    /// <param name="valueOffset">Where in a row the values begin.</param>
    public void Write(
        WorkerGang gang, int layer, AttentionPlan plan, ReadOnlySpan<float> rows, int stride, int keyOffset, int valueOffset) =>
        Write(gang, layer, plan, rows, stride, keyOffset, valueOffset, VectorSupport.Widest);

    internal void Write(
        WorkerGang gang, int layer, AttentionPlan plan, ReadOnlySpan<float> rows, int stride, int keyOffset, int valueOffset, VectorWidth width)
    {
        var numbers = Shape.Heads * Shape.HeadDimension;
        plan.CheckFits(this, layer);
        if (Math.Min(keyOffset, valueOffset) < 0 || Math.Max(keyOffset, valueOffset) + numbers > stride || rows.Length < (long)plan.Rows * stride)
        {
            throw new ArgumentException($"{plan.Rows} rows with keys at {keyOffset} and values at {valueOffset} do not fit in {rows.Length}.");
        }

        fixed (float* source = rows)
        fixed (int* blocks = plan.RowBlocks, offsets = plan.RowOffsets)
        {
            var work = new WriteWork(View(layer), source, blocks, offsets, plan.Rows, stride, keyOffset, valueOffset, width);
            gang.Run(ref work, (plan.Rows + RowsPerItem - 1) / RowsPerItem);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => Region.Dispose();

    internal KvView View(int layer) => new(Region.Pointer, Shape, Geometry, layer);

    private readonly struct WriteWork(
        KvView view, float* source, int* blocks, int* offsets, int rows, int stride, int keyOffset, int valueOffset, VectorWidth width) : IGangWork
    {
        public void Execute(int item, int worker)
        {
            for (var row = item * RowsPerItem; row < Math.Min((item + 1) * RowsPerItem, rows); row++)
            {
                var from = source + ((nint)row * stride);
                for (var head = 0; head < view.Heads; head++)
                {
                    var shift = head * view.HeadDimension;
                    view.Store(view.Keys(blocks[row], head), offsets[row], from + keyOffset + shift, width);
                    view.Store(view.Values(blocks[row], head), offsets[row], from + valueOffset + shift, width);
                }
            }
        }
    }
}

/// <summary>One layer of a paged cache, for kernels.</summary>
internal readonly unsafe struct KvView(byte* start, KvShape shape, BlockGeometry geometry, int layer)
{
    private readonly byte* _keys = start + Part(shape, geometry, 2 * layer);
    private readonly byte* _values = start + Part(shape, geometry, (2 * layer) + 1);
    private readonly long _blockBytes = geometry.Stride;
    private readonly int _rowBytes = shape.RowBytes;
    private readonly long _headBytes = (long)shape.BlockTokens * shape.RowBytes;

    public readonly int Heads = shape.Heads;
    public readonly int HeadDimension = shape.HeadDimension;
    public readonly int HeadStride = shape.HeadStride;
    public readonly int BlockTokens = shape.BlockTokens;
    public readonly KvFormat Format = shape.Format;

    /// <summary>The keys of a head in a block: [position, padded head].</summary>
    public byte* Keys(int block, int head) => _keys + (_blockBytes * block) + (_headBytes * head);

    /// <summary>The values of a head in a block: [position, padded head].</summary>
    public byte* Values(int block, int head) => _values + (_blockBytes * block) + (_headBytes * head);

    /// <summary>Where part 2 · layer, the keys, or the one behind it, the values, of the first block begins: inside the block, or in a plane of its own.</summary>
    private static long Part(KvShape shape, BlockGeometry geometry, int part) =>
        geometry.Planes == 1 ? shape.BytesPerBlock / (2 * shape.Layers) * part : geometry.PlaneBytes * part;

    /// <summary>Stores the numbers of a position at <paramref name="rows"/>, which <see cref="Keys"/> or <see cref="Values"/> gave.</summary>
    public void Store(byte* rows, int position, float* source, VectorWidth width) =>
        KvRows.Encode(source, HeadDimension, Format, rows + ((nint)position * _rowBytes), width);
}
