using System.Runtime.CompilerServices;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Activations;

/// <summary>An activation of gates; both forms give the same bits.</summary>
internal interface IGate
{
    /// <summary>The definition.</summary>
    static abstract float Apply(float gate);

    /// <summary>The vector form.</summary>
    static abstract TVector Apply<TSimd, TVector>(TVector gate)
        where TSimd : ISimd<TVector>
        where TVector : struct;
}

/// <summary>g / (1 + e⁻ᵍ).</summary>
internal readonly struct SiluGate : IGate
{
    public static float Apply(float gate) => gate / (1 + Exponential.Exp(-gate));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector gate)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var exponential = Exponential.Exp<TSimd, TVector>(TSimd.Multiply(gate, TSimd.Broadcast(-1)));
        return TSimd.Divide(gate, TSimd.Add(TSimd.Broadcast(1), exponential));
    }
}

/// <summary>g / 2 · (1 + tanh u) = g / (1 + e⁻²ᵘ) with u = √(2/π) · (g + 0.044715 · g³).</summary>
/// <remarks>Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.</remarks>
internal readonly struct GeluGate : IGate
{
    // −2u = g · (Linear + Cubic · g²).
    private const float Linear = -1.59576912f;
    private const float Cubic = -0.0713548163f;

    public static float Apply(float gate)
    {
        var exponent = gate * Fused.MultiplyAdd(gate * gate, Cubic, Linear);
        return gate / (1 + Exponential.Exp(exponent));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector gate)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var exponent = TSimd.Multiply(
            gate, TSimd.MultiplyAdd(TSimd.Multiply(gate, gate), TSimd.Broadcast(Cubic), TSimd.Broadcast(Linear)));
        return TSimd.Divide(gate, TSimd.Add(TSimd.Broadcast(1), Exponential.Exp<TSimd, TVector>(exponent)));
    }
}
