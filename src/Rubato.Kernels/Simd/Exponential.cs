using System.Runtime.CompilerServices;

namespace Rubato.Kernels.Simd;

/// <summary>The exponential function in single precision, the same bits at every vector width.</summary>
/// <remarks>
/// eˣ = 2ⁿ · eʳ with n = round(x / ln 2), |r| ≤ ln 2 / 2; eʳ by its Taylor polynomial of degree 7, whose remainder is below 6·10⁻⁹.
/// Relative error at most 2.5·10⁻⁷. Saturates outside [−87.336, 88.376]: the result is always finite and positive, except for NaN.
/// </remarks>
internal static class Exponential
{
    private const float Low = -87.33654f;
    private const float High = 88.37626f;
    private const float InverseLn2 = 1.44269504f;

    // ln 2 in two parts: n · Ln2High is exact for |n| ≤ 127.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>The definition.</summary>
    public static float Exp(float x)
    {
        x = x < Low ? Low : x;
        x = x > High ? High : x;
        var n = MathF.Round(x * InverseLn2);
        var r = Fused.MultiplyAdd(n, -Ln2High, x);
        r = Fused.MultiplyAdd(n, -Ln2Low, r);
        var p = 1f / 5040;
        p = Fused.MultiplyAdd(p, r, 1f / 720);
        p = Fused.MultiplyAdd(p, r, 1f / 120);
        p = Fused.MultiplyAdd(p, r, 1f / 24);
        p = Fused.MultiplyAdd(p, r, 1f / 6);
        p = Fused.MultiplyAdd(p, r, 1f / 2);
        p = Fused.MultiplyAdd(p, r, 1);
        p = Fused.MultiplyAdd(p, r, 1);
        return p * BitConverter.Int32BitsToSingle(((float.IsNaN(n) ? 0 : (int)n) + 127) << 23);
    }

    /// <summary>The vector form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TSimd, TVector>(TVector x)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        x = TSimd.Clamp(x, TSimd.Broadcast(Low), TSimd.Broadcast(High));
        var n = TSimd.Round(TSimd.Multiply(x, TSimd.Broadcast(InverseLn2)));
        var r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-Ln2High), x);
        r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-Ln2Low), r);
        var p = TSimd.Broadcast(1f / 5040);
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f / 720));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f / 120));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f / 24));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f / 6));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f / 2));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f));
        return TSimd.Scale(p, n);
    }
}
