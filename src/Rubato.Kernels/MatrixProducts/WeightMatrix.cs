using Rubato.Kernels.Memory;
using Rubato.Kernels.Panels;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>A matrix of weights, row-major [outputs, inputs], in memory that belongs to someone else (a mapped file).</summary>
public sealed unsafe class WeightMatrix
{
    private readonly MemoryRegion _region;
    private readonly PackedWeights? _packed;

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
        View = new(region.Pointer, rowBytes, format, outputs, inputs, default);
    }

    private WeightMatrix(WeightMatrix stored, PackedWeights packed)
    {
        _region = stored._region;
        _packed = packed;
        View = new(stored.View.Data, stored.View.RowBytes, stored.Format, stored.Outputs, stored.Inputs, packed.View);
    }

    /// <summary>How the numbers are stored.</summary>
    public WeightFormat Format => View.Format;

    /// <summary>Rows: numbers that a product with this matrix gives per token.</summary>
    public int Outputs => View.Outputs;

    /// <summary>Columns: numbers that a product with this matrix takes per token.</summary>
    public int Inputs => View.Inputs;

    /// <summary>Bytes of all weights as they are stored.</summary>
    public long ByteLength => View.RowBytes * Outputs;

    /// <summary>Bytes that a product reads: those of the packed form where there is one.</summary>
    public long BytesPerProduct => _packed?.Bytes ?? ByteLength;

    /// <summary>Whether products use a packed form, and so round activations to signed bytes.</summary>
    public bool IsPacked => _packed is not null;

    internal WeightView View { get; }

    /// <summary>The same matrix, whose products use a packed form; rows are still read from where they are stored.</summary>
    /// <exception cref="ArgumentException">The packed form is one of another shape or format.</exception>
    public WeightMatrix WithPanels(PackedWeights packed)
    {
        ArgumentNullException.ThrowIfNull(packed);
        var view = packed.View;
        return (view.Format, view.Outputs, view.Inputs) == (Format, Outputs, Inputs)
            ? new(this, packed)
            : throw new ArgumentException(
                $"Panels of a {view.Format} matrix [{view.Outputs}, {view.Inputs}] are not those of {Format} [{Outputs}, {Inputs}].", nameof(packed));
    }

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
internal readonly unsafe struct WeightView(byte* data, long rowBytes, WeightFormat format, int outputs, int inputs, PanelView panels)
{
    public readonly byte* Data = data;
    public readonly long RowBytes = rowBytes;
    public readonly WeightFormat Format = format;
    public readonly int Outputs = outputs;
    public readonly int Inputs = inputs;

    /// <summary>The packed form; without data where there is none.</summary>
    public readonly PanelView Panels = panels;

    public bool IsPacked => Panels.Data is not null;

    public byte* Row(int output) => Data + output * RowBytes;
}
