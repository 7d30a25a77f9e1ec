namespace Rubato.Kernels.MatrixProducts;

/// <summary>A register tile: some rows of activations times some rows of weights, each element as <see cref="DotProduct"/> defines it.</summary>
internal unsafe interface ITile
{
    /// <summary>Most rows of activations in a tile.</summary>
    static abstract int Tokens { get; }

    /// <summary>Most rows of weights in a tile.</summary>
    static abstract int Outputs { get; }

    /// <summary>y[t, o] = x[t] · w[o], or y[t, o] += … when <paramref name="add"/> is set.</summary>
    /// <param name="x">Activations, row-major, rows <paramref name="xStride"/> floats apart.</param>
    /// <param name="xStride">Distance of rows in floats.</param>
    /// <param name="tokens">Rows of activations, 1 … <see cref="Tokens"/>.</param>
    /// <param name="w">Weights, row-major, rows <paramref name="wStride"/> floats apart.</param>
    /// <param name="wStride">Distance of rows in floats.</param>
    /// <param name="outputs">Rows of weights, 1 … <see cref="Outputs"/>.</param>
    /// <param name="length">Numbers in a row: a multiple of 16.</param>
    /// <param name="y">Results, row-major, rows <paramref name="yStride"/> floats apart.</param>
    /// <param name="yStride">Distance of rows in floats.</param>
    /// <param name="add">Add to what is there.</param>
    static abstract void Multiply(
        float* x, nint xStride, int tokens, float* w, nint wStride, int outputs, int length, float* y, nint yStride, bool add);
}
