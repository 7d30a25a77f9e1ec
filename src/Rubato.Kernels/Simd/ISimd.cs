using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Simd;

/// <summary>The operations of one vector width. Implementations are stateless; the JIT inlines them into generic kernels.</summary>
/// <typeparam name="TVector">A vector of floats.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector: 4, 8 or 16.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* source);

    /// <summary>Reads <see cref="Count"/> signed bytes as floats; exact.</summary>
    static abstract TVector LoadSignedBytes(sbyte* source);

    /// <summary>Reads <see cref="Count"/> IEEE half-precision numbers as floats; exact, infinities and NaN included.</summary>
    static abstract TVector LoadHalves(ushort* source);

    /// <summary>Reads <see cref="Count"/> bfloat16 numbers as floats; exact.</summary>
    static abstract TVector LoadBFloats(ushort* source);

    static abstract void Store(float* target, TVector value);

    /// <summary>Writes <see cref="Count"/> floats as IEEE half-precision numbers, rounded as <see cref="HalfPrecision.FromSingle"/> says.</summary>
    static abstract void StoreHalves(ushort* target, TVector value);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a · b + c, rounded as <see cref="Fused"/> says.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a where a &gt; b, else b (b when one is NaN).</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>Limits to [low, high]; NaN stays NaN.</summary>
    static abstract TVector Clamp(TVector value, TVector low, TVector high);

    /// <summary>Rounds to the nearest whole number, ties to even.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>value · 2ⁿ for whole n in −126…127.</summary>
    static abstract TVector Scale(TVector value, TVector n);

    /// <summary>Joins the vectors that make up 16 lanes to four: lane l with l + 8, then with l + 4. Wide vectors leave the last ones unused.</summary>
    static abstract Vector128<float> Fold(TVector a, TVector b, TVector c, TVector d);

    /// <summary>Swaps the elements of each pair (2i, 2i + 1).</summary>
    static abstract TVector SwapPairs(TVector value);
}
