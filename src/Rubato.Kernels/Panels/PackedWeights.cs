using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Panels;

/// <summary>
/// A quantised matrix in the layout of the kernels: rows interleaved in panels, codes apart from scales. Products with it round activations
/// to signed bytes, as the ggml library does, and sum whole numbers.
/// </summary>
public sealed unsafe class PackedWeights
{
    private const int PanelsPerItem = 16;

    // Kept so that the memory of the view stays.
    private readonly MemoryRegion _region;

    /// <summary>Uses panels that <see cref="Pack(WorkerGang, WeightMatrix, Span{byte})"/> wrote on a machine with the same <see cref="LayoutName"/>.</summary>
    /// <param name="region">Exactly <see cref="ByteLength(WeightFormat, int, int)"/> bytes, aligned to 64, that stay while the matrix is in use.</param>
    /// <param name="format">The quantised format that the panels were packed from.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <exception cref="ArgumentException">The region does not fit the shape.</exception>
    public PackedWeights(MemoryRegion region, WeightFormat format, int outputs, int inputs)
        : this(region, format, outputs, inputs, VectorSupport.Widest)
    {
    }

    internal PackedWeights(MemoryRegion region, WeightFormat format, int outputs, int inputs, VectorWidth width)
    {
        var layout = PanelFormatTable.Layout(format, inputs, width);
        var bytes = layout.Panels(outputs) * layout.PanelBytes;
        if (region.Length != bytes || (nint)region.Pointer % PanelLayout.Alignment != 0)
        {
            throw new ArgumentException(
                $"Panels of a {format} matrix [{outputs}, {inputs}] take {bytes} aligned bytes, not {region.Length}.", nameof(region));
        }

        _region = region;
        View = new(region.Pointer, format, outputs, inputs, width, layout);
    }

    /// <summary>The name of the layout that this machine's vectors ask for; panels of another layout must be packed anew.</summary>
    public static string LayoutName => $"panels-1-{(int)VectorSupport.Widest}";

    /// <summary>Bytes of the panels.</summary>
    public long Bytes => _region.Length;

    internal PanelView View { get; }

    /// <summary>Whether a format can be packed: the quantised ones.</summary>
    public static bool Handles(WeightFormat format) => format >= WeightFormat.Q8_0;

    /// <summary>Bytes that the panels of a matrix take here: those of its blocks, at most 4 % more, and outputs filled up to a multiple of 16.</summary>
    /// <param name="format">A quantised format.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    public static long ByteLength(WeightFormat format, int outputs, int inputs) => ByteLength(format, outputs, inputs, VectorSupport.Widest);

    internal static long ByteLength(WeightFormat format, int outputs, int inputs, VectorWidth width)
    {
        var layout = PanelFormatTable.Layout(format, inputs, width);
        return layout.Panels(outputs) * layout.PanelBytes;
    }

    /// <summary>Packs a matrix.</summary>
    /// <param name="gang">Who packs.</param>
    /// <param name="source">A quantised matrix.</param>
    /// <param name="target">Exactly the bytes that the panels take.</param>
    /// <returns>The first output whose row holds a scale that is not a finite number, with which no result would be one; null when there is none.</returns>
    /// <exception cref="ArgumentException">The target is too small or too large.</exception>
    public static int? Pack(WorkerGang gang, WeightMatrix source, Span<byte> target) => Pack(gang, source, target, VectorSupport.Widest);

    internal static int? Pack(WorkerGang gang, WeightMatrix source, Span<byte> target, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(gang);
        ArgumentNullException.ThrowIfNull(source);
        var layout = PanelFormatTable.Layout(source.Format, source.Inputs, width);
        var panels = (int)layout.Panels(source.Outputs);
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, panels * layout.PanelBytes, nameof(target));
        var firstBad = int.MaxValue;
        fixed (byte* start = target)
        {
            var work = new PanelPacking(source.View, layout, start, PanelsPerItem, &firstBad);
            gang.Run(ref work, ((panels - 1) / PanelsPerItem) + 1);
        }

        GC.KeepAlive(source);
        return firstBad == int.MaxValue ? null : firstBad;
    }
}
