using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>A matrix of weights, row-major [outputs, inputs], in memory that belongs to someone else (a mapped file).</summary>
public sealed unsafe class WeightMatrix
{
    private readonly MemoryRegion _region;

    /// <summary>Describes the matrix in <paramref name="region"/>.</summary>
    /// <param name="region">At least outputs × bytes of a row; must stay valid and unchanged while the matrix is in use.</param>
    /// <param name="format">How the numbers are stored.</param>
    /// <param name="outputs">Rows, at least 1.</param>
    /// <param name="inputs">Numbers in a row, at least 1; whole blocks of the format.</param>
    /// <exception cref="ArgumentException">The region is too small for the shape, or the shape is empty.</exception>
    public WeightMatrix(MemoryRegion region, WeightFormat format, int outputs, int inputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        var rowBytes = format.RowBytes(inputs);
        if (region.Length / rowBytes < outputs)
        {
            throw new ArgumentException($"A {format} matrix [{outputs}, {inputs}] does not fit in {region.Length} bytes.", nameof(region));
        }

        _region = region;
        View = new(region.Pointer, rowBytes, format, outputs, inputs);
    }

    /// <summary>How the numbers are stored.</summary>
    public WeightFormat Format => View.Format;

    /// <summary>Rows: numbers that a product with this matrix gives per token.</summary>
    public int Outputs => View.Outputs;

    /// <summary>Columns: numbers that a product with this matrix takes per token.</summary>
    public int Inputs => View.Inputs;

    /// <summary>Bytes of all weights.</summary>
    public long ByteLength => View.RowBytes * Outputs;

    internal WeightView View { get; }

    /// <summary>Reads row <paramref name="output"/> as floats, exactly.</summary>
    /// <param name="output">Row, 0 … Outputs − 1.</param>
    /// <param name="target">Takes <see cref="Inputs"/> numbers.</param>
    public void DecodeRow(int output, Span<float> target) => DecodeRow(output, target, VectorSupport.Widest);

    internal void DecodeRow(int output, Span<float> target, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(output, Outputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, Inputs);
        fixed (float* pointer = target)
        {
            RowDecoder.Decode(View.Row(output), Format, Inputs, pointer, width);
        }

        GC.KeepAlive(_region);
    }
}

/// <summary>The address and shape of a matrix, for kernels.</summary>
internal readonly unsafe struct WeightView(byte* data, long rowBytes, WeightFormat format, int outputs, int inputs)
{
    public readonly byte* Data = data;
    public readonly long RowBytes = rowBytes;
    public readonly WeightFormat Format = format;
    public readonly int Outputs = outputs;
    public readonly int Inputs = inputs;

    public byte* Row(int output) => Data + output * RowBytes;
}
