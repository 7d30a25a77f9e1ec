using System.Runtime.CompilerServices;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>The definition of one element of a matrix product.</summary>
internal static unsafe class DotProduct
{
    /// <summary>Σ x[i] · w[i] in the order of <see cref="Lanes"/>.</summary>
    /// <param name="x">Activations.</param>
    /// <param name="w">Weights.</param>
    /// <param name="length">A multiple of 16: shorter rows are padded with zeros.</param>
    [SkipLocalsInit]
    public static float Scalar(float* x, float* w, int length)
    {
        var lanes = stackalloc float[Lanes.Count];
        new Span<float>(lanes, Lanes.Count).Clear();
        for (var i = 0; i < length; i++)
        {
            lanes[i % Lanes.Count] = Fused.MultiplyAdd(x[i], w[i], lanes[i % Lanes.Count]);
        }

        return Lanes.Sum(lanes);
    }
}
