using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rubato.Kernels.Simd;

/// <summary>Vectors of 8 floats.</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadSignedBytes(sbyte* source) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalves(ushort* source)
    {
        var bits = Widen(source);
        var magnitude = (bits & Vector256.Create(0x7fffu)) << 13;

        // The exponent's bias grows from 15 to 127; multiplying by 2¹¹² also normalises subnormal halves.
        var finite = magnitude.AsSingle() * Vector256.Create(5.192296858534828e33f);
        var special = (magnitude | Vector256.Create(0x7f800000u)).AsSingle();
        var isSpecial = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(0x7bff << 13)).AsSingle();
        return Vector256.ConditionalSelect(isSpecial, special, finite) | ((bits & Vector256.Create(0x8000u)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloats(ushort* source) => (Widen(source) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector256<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalves(ushort* target, Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var magnitude = bits & Vector256.Create(int.MaxValue).AsUInt32();
        var odd = (magnitude >>> 13) & Vector256<uint>.One;
        var normal = (magnitude - Vector256.Create(HalfPrecision.BiasDifference) + Vector256.Create(HalfPrecision.JustUnderHalf) + odd) >>> 13;
        var subnormal = (magnitude.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(HalfPrecision.OneHalf);
        var special = Vector256.ConditionalSelect(
            Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(HalfPrecision.Infinity)).AsUInt32(), Vector256.Create(HalfPrecision.HalfNaN), Vector256.Create(HalfPrecision.HalfInfinity));
        var isSubnormal = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create(HalfPrecision.SmallestNormal)).AsUInt32();
        var isSpecial = Vector256.GreaterThanOrEqual(magnitude.AsInt32(), Vector256.Create(HalfPrecision.TooLarge)).AsUInt32();
        var halves = Vector256.ConditionalSelect(isSpecial, special, Vector256.ConditionalSelect(isSubnormal, subnormal, normal)) | ((bits >>> 16) & Vector256.Create(0x8000u));
        Vector128.Narrow(halves.GetLower(), halves.GetUpper()).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        VectorSupport.IsFused ? Vector256.FusedMultiplyAdd(a, b, c) : a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Clamp(Vector256<float> value, Vector256<float> low, Vector256<float> high)
    {
        value = Vector256.ConditionalSelect(Vector256.LessThan(value, low), low, value);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(value, high), high, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> value) => Vector256.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(Vector256<float> value, Vector256<float> n) =>
        value * ((Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SwapPairs(Vector256<float> value) => Avx.Permute(value, 0b10_11_00_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =>
        Lanes.Fold(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widen(ushort* source) => Avx2.ConvertToVector256Int32(source).AsUInt32();
}
