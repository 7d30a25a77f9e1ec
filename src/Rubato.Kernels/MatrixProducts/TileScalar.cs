namespace Rubato.Kernels.MatrixProducts;

/// <summary>One element at a time: the definition.</summary>
internal readonly unsafe struct TileScalar : ITile
{
    public static int Tokens => 1;

    public static int Outputs => 1;

    public static void Multiply(
        float* x, nint xStride, int tokens, float* w, nint wStride, int outputs, int length, float* y, nint yStride, bool add)
    {
        var dot = DotProduct.Scalar(x, w, length);
        *y = add ? *y + dot : dot;
    }
}
