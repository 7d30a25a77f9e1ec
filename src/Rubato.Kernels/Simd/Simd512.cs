using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rubato.Kernels.Simd;

/// <summary>Vectors of 16 floats.</summary>
internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadSignedBytes(sbyte* source) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalves(ushort* source)
    {
        var bits = Widen(source);
        var magnitude = (bits & Vector512.Create(0x7fffu)) << 13;

        // The exponent's bias grows from 15 to 127; multiplying by 2¹¹² also normalises subnormal halves.
        var finite = magnitude.AsSingle() * Vector512.Create(5.192296858534828e33f);
        var special = (magnitude | Vector512.Create(0x7f800000u)).AsSingle();
        var isSpecial = Vector512.GreaterThan(magnitude.AsInt32(), Vector512.Create(0x7bff << 13)).AsSingle();
        return Vector512.ConditionalSelect(isSpecial, special, finite) | ((bits & Vector512.Create(0x8000u)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloats(ushort* source) => (Widen(source) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector512<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalves(ushort* target, Vector512<float> value)
    {
        var bits = value.AsUInt32();
        var magnitude = bits & Vector512.Create(int.MaxValue).AsUInt32();
        var odd = (magnitude >>> 13) & Vector512<uint>.One;
        var normal = (magnitude - Vector512.Create(HalfPrecision.BiasDifference) + Vector512.Create(HalfPrecision.JustUnderHalf) + odd) >>> 13;
        var subnormal = (magnitude.AsSingle() + Vector512.Create(0.5f)).AsUInt32() - Vector512.Create(HalfPrecision.OneHalf);
        var special = Vector512.ConditionalSelect(
            Vector512.GreaterThan(magnitude.AsInt32(), Vector512.Create(HalfPrecision.Infinity)).AsUInt32(), Vector512.Create(HalfPrecision.HalfNaN), Vector512.Create(HalfPrecision.HalfInfinity));
        var isSubnormal = Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(HalfPrecision.SmallestNormal)).AsUInt32();
        var isSpecial = Vector512.GreaterThanOrEqual(magnitude.AsInt32(), Vector512.Create(HalfPrecision.TooLarge)).AsUInt32();
        var halves = Vector512.ConditionalSelect(isSpecial, special, Vector512.ConditionalSelect(isSubnormal, subnormal, normal)) | ((bits >>> 16) & Vector512.Create(0x8000u));
        Avx512F.ConvertToVector256UInt16(halves).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        VectorSupport.IsFused ? Vector512.FusedMultiplyAdd(a, b, c) : a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Clamp(Vector512<float> value, Vector512<float> low, Vector512<float> high)
    {
        value = Vector512.ConditionalSelect(Vector512.LessThan(value, low), low, value);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(value, high), high, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Round(Vector512<float> value) => Vector512.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale(Vector512<float> value, Vector512<float> n) =>
        value * ((Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SwapPairs(Vector512<float> value) => Avx512F.Permute4x32(value, 0b10_11_00_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) =>
        Lanes.Fold(a.GetLower(), a.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(ushort* source) => Avx512F.ConvertToVector512UInt32(Vector256.Load(source));
}
