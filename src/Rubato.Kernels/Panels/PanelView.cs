using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>The address and shape of a packed matrix, for kernels.</summary>
internal readonly unsafe struct PanelView(byte* data, WeightFormat format, int outputs, int inputs, VectorWidth width, PanelLayout layout)
{
    public readonly byte* Data = data;
    public readonly WeightFormat Format = format;
    public readonly int Outputs = outputs;
    public readonly int Inputs = inputs;

    /// <summary>The width of vectors that the panels are made for.</summary>
    public readonly VectorWidth Width = width;
    public readonly PanelLayout Layout = layout;

    public byte* Panel(int panel) => Data + (panel * Layout.PanelBytes);
}
