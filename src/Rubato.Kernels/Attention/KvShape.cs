using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Attention;

/// <summary>Shape of a key-value cache. A block holds the keys and values of <paramref name="BlockTokens"/> positions in all layers.</summary>
/// <param name="Layers">Layers of the model.</param>
/// <param name="Heads">Key-value heads of a layer.</param>
/// <param name="HeadDimension">Numbers of a head.</param>
/// <param name="BlockTokens">Positions in a block.</param>
/// <param name="Format">How numbers are kept.</param>
public readonly record struct KvShape(int Layers, int Heads, int HeadDimension, int BlockTokens, KvFormat Format)
{
    /// <summary>Bytes of one block: [layer, key or value, head, position, padded head].</summary>
    /// <exception cref="OverflowException">The shape is too large for 63 bits.</exception>
    public long BytesPerBlock => checked(2L * Layers * Heads * BlockTokens * RowBytes);

    /// <summary>Numbers of a head padded to whole vectors, and whole blocks.</summary>
    internal int HeadStride => Format == KvFormat.Q8_0
        ? (HeadDimension + (WeightFormats.Q8BlockLength - 1)) / WeightFormats.Q8BlockLength * WeightFormats.Q8BlockLength
        : Lanes.Pad(HeadDimension);

    /// <summary>Bytes of the keys or values of one position and head.</summary>
    internal int RowBytes => Format switch
    {
        KvFormat.F32 => HeadStride * 4,
        KvFormat.F16 => HeadStride * 2,
        _ => HeadStride / WeightFormats.Q8BlockLength * WeightFormats.Q8BlockBytes,
    };

    /// <summary>How many contiguous blocks fit in <paramref name="bytes"/> of memory.</summary>
    public long BlocksIn(long bytes) => bytes / Geometry(1).BlockBytes;

    /// <summary>Where the blocks of a cache of this shape lie.</summary>
    /// <param name="blocks">Blocks in the cache.</param>
    /// <param name="layout">One plane, or one for the keys and one for the values of each layer.</param>
    /// <exception cref="OverflowException">The shape is too large for 63 bits.</exception>
    public BlockGeometry Geometry(int blocks, KvLayout layout = KvLayout.BlockMajor) =>
        layout == KvLayout.BlockMajor ? new(1, blocks, BytesPerBlock) : new(checked(2 * Layers), blocks, BytesPerBlock / Layers / 2);
}
