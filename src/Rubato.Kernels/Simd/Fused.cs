using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Simd;

/// <summary>The scalar form of a · b + c as all kernels compute it.</summary>
internal static class Fused
{
    /// <summary>a · b + c: rounded once where the hardware can, else the product and the sum are rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) =>
        VectorSupport.IsFused ? MathF.FusedMultiplyAdd(a, b, c) : a * b + c;
}
