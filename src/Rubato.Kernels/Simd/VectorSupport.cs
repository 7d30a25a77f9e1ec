using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Rubato.Kernels.Simd;

/// <summary>What the machine's vector unit can do.</summary>
public static class VectorSupport
{
    /// <summary>The widest vectors that the machine runs in hardware; kernels use these.</summary>
    public static VectorWidth Widest { get; } =
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512BW.IsSupported ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;

    /// <summary>
    /// Whether a·b + c is rounded once, by hardware. Where it is not, all kernels round the product and the sum, so results may
    /// differ between a machine with and one without, but never between vector widths of one machine.
    /// </summary>
    public static bool IsFused => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>All widths that run in hardware here, narrowest first.</summary>
    internal static VectorWidth[] Available { get; } =
        [.. new[] { VectorWidth.Scalar, VectorWidth.Bits128, VectorWidth.Bits256, VectorWidth.Bits512 }.Where(width => width <= Widest)];
}
