using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>Panels of 4 rows: any vector unit of 128 bits.</summary>
internal readonly unsafe struct Panel128 : IPanelSimd<Vector128<byte>>
{
    public static int Rows => 4;

    public static bool SumsInShorts => false;

    public static bool LeavesBias => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast(byte value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast(float value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> BroadcastQuad(sbyte* source) => Vector128.Create(Unsafe.ReadUnaligned<int>(source)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> And(Vector128<byte> a, Vector128<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Or(Vector128<byte> a, Vector128<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftRight(Vector128<byte> value, int count) => (value.AsUInt16() >>> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftLeft(Vector128<byte> value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddInts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractInts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() - b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyInts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() * b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftLeftInts(Vector128<byte> value, int count) => (value.AsInt32() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> BroadcastInt(int* source) => Vector128.Create(*source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToFloats(Vector128<byte> ints) => Vector128.ConvertToSingle(ints.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadFloats(float* source) => Vector128.Load(source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloats(float* target, Vector128<byte> value) => value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddFloats(Vector128<byte> a, Vector128<byte> b) => (a.AsSingle() + b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyFloats(Vector128<byte> a, Vector128<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddFloats(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Simd128.MultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> codes) => Vector128.Shuffle(table, codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Table(ReadOnlySpan<byte> bytes) => Vector128.Create(bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadBytes(byte* source) => Vector128.Create((int)source[0], source[1], source[2], source[3]).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadSignedBytes(byte* source) =>
        Vector128.Create((int)((sbyte*)source)[0], ((sbyte*)source)[1], ((sbyte*)source)[2], ((sbyte*)source)[3]).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> sums) => sums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Accumulate(Vector128<byte> sums, Vector128<byte> codes, Vector128<byte> x) =>
        AddProducts(sums, codes.AsSByte(), x.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AccumulateBytes(Vector128<byte> sums, Vector128<byte> biased, Vector128<byte> x) =>
        AddProducts(sums, (biased ^ Vector128.Create((byte)128)).AsSByte(), x.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadHalves(byte* source)
    {
        var bits = Vector128.Create((int)((ushort*)source)[0], ((ushort*)source)[1], ((ushort*)source)[2], ((ushort*)source)[3]);
        var magnitude = ((bits & Vector128.Create(0x7fff)) << 13).AsSingle();

        // The exponent's bias grows from 15 to 127; multiplying by 2¹¹² also normalises subnormal halves.
        var value = magnitude * Vector128.Create(5.192296858534828e33f);
        return value.AsByte() | ((bits & Vector128.Create(0x8000)) << 16).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> AddProducts(Vector128<byte> sums, Vector128<sbyte> codes, Vector128<sbyte> x)
    {
        var (codesLower, codesUpper) = Vector128.Widen(codes);
        var (xLower, xUpper) = Vector128.Widen(x);
        var lower = AddPairs(codesLower * xLower);
        var upper = AddPairs(codesUpper * xUpper);

        // Lanes of lower are the two halves of the quads 0 and 1, those of upper of the quads 2 and 3.
        var even = Vector128.Create(lower[0], lower[2], upper[0], upper[2]);
        var odd = Vector128.Create(lower[1], lower[3], upper[1], upper[3]);
        return (sums.AsInt32() + even + odd).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddPairs(Vector128<short> products) => (products.AsInt32() >> 16) + ((products.AsInt32() << 16) >> 16);
}
