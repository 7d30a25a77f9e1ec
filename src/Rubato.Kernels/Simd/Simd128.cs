using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Simd;

/// <summary>Vectors of 4 floats.</summary>
internal readonly unsafe struct Simd128 : ISimd<Vector128<float>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadSignedBytes(sbyte* source) => Vector128.ConvertToSingle(Vector128.Create((int)source[0], source[1], source[2], source[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalves(ushort* source)
    {
        var bits = Widen(source);
        var magnitude = (bits & Vector128.Create(0x7fffu)) << 13;

        // The exponent's bias grows from 15 to 127; multiplying by 2¹¹² also normalises subnormal halves.
        var finite = magnitude.AsSingle() * Vector128.Create(5.192296858534828e33f);
        var special = (magnitude | Vector128.Create(0x7f800000u)).AsSingle();
        var isSpecial = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7bff << 13)).AsSingle();
        return Vector128.ConditionalSelect(isSpecial, special, finite) | ((bits & Vector128.Create(0x8000u)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloats(ushort* source) => (Widen(source) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector128<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalves(ushort* target, Vector128<float> value)
    {
        var bits = value.AsUInt32();
        var magnitude = bits & Vector128.Create(int.MaxValue).AsUInt32();
        var odd = (magnitude >>> 13) & Vector128<uint>.One;
        var normal = (magnitude - Vector128.Create(HalfPrecision.BiasDifference) + Vector128.Create(HalfPrecision.JustUnderHalf) + odd) >>> 13;
        var subnormal = (magnitude.AsSingle() + Vector128.Create(0.5f)).AsUInt32() - Vector128.Create(HalfPrecision.OneHalf);
        var special = Vector128.ConditionalSelect(
            Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(HalfPrecision.Infinity)).AsUInt32(), Vector128.Create(HalfPrecision.HalfNaN), Vector128.Create(HalfPrecision.HalfInfinity));
        var isSubnormal = Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(HalfPrecision.SmallestNormal)).AsUInt32();
        var isSpecial = Vector128.GreaterThanOrEqual(magnitude.AsInt32(), Vector128.Create(HalfPrecision.TooLarge)).AsUInt32();
        var halves = Vector128.ConditionalSelect(isSpecial, special, Vector128.ConditionalSelect(isSubnormal, subnormal, normal)) | ((bits >>> 16) & Vector128.Create(0x8000u));
        Vector128.Narrow(halves, halves).GetLower().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        VectorSupport.IsFused ? Vector128.FusedMultiplyAdd(a, b, c) : a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Clamp(Vector128<float> value, Vector128<float> low, Vector128<float> high)
    {
        value = Vector128.ConditionalSelect(Vector128.LessThan(value, low), low, value);
        return Vector128.ConditionalSelect(Vector128.GreaterThan(value, high), high, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> value) => Vector128.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scale(Vector128<float> value, Vector128<float> n) =>
        value * ((Vector128.ConvertToInt32Native(n) + Vector128.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SwapPairs(Vector128<float> value) => Vector128.Shuffle(value, Vector128.Create(1, 0, 3, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        (a + c) + (b + d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(ushort* source) => Vector128.Create((uint)source[0], source[1], source[2], source[3]);
}
