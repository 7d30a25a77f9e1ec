using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>Panels of 8 rows: AVX2, with the four-fold byte products of AVX-VNNI where there are any.</summary>
internal readonly unsafe struct Panel256 : IPanelSimd<Vector256<byte>>
{
    public static int Rows => 8;

    public static bool SumsInShorts => !AvxVnni.IsSupported;

    public static bool LeavesBias => AvxVnni.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast(byte value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast(float value) => Vector256.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> BroadcastQuad(sbyte* source) => Vector256.Create(Unsafe.ReadUnaligned<int>(source)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> And(Vector256<byte> a, Vector256<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Or(Vector256<byte> a, Vector256<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftRight(Vector256<byte> value, int count) => (value.AsUInt16() >>> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftLeft(Vector256<byte> value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddInts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractInts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt32() - b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyInts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt32() * b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftLeftInts(Vector256<byte> value, int count) => (value.AsInt32() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> BroadcastInt(int* source) => Vector256.Create(*source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ToFloats(Vector256<byte> ints) => Vector256.ConvertToSingle(ints.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadFloats(float* source) => Vector256.Load(source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloats(float* target, Vector256<byte> value) => value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddFloats(Vector256<byte> a, Vector256<byte> b) => (a.AsSingle() + b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyFloats(Vector256<byte> a, Vector256<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAddFloats(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c) =>
        Simd256.MultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Lookup(Vector256<byte> table, Vector256<byte> codes) => Avx2.Shuffle(table, codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Table(ReadOnlySpan<byte> bytes) => Vector256.Create(Vector128.Create(bytes), Vector128.Create(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadBytes(byte* source) => Avx2.ConvertToVector256Int32(source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadSignedBytes(byte* source) => Avx2.ConvertToVector256Int32((sbyte*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Widen(Vector256<byte> sums) =>
        AvxVnni.IsSupported ? sums : Avx2.MultiplyAddAdjacent(sums.AsInt16(), Vector256.Create((short)1)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Accumulate(Vector256<byte> sums, Vector256<byte> codes, Vector256<byte> x) => AvxVnni.IsSupported
        ? AvxVnni.MultiplyWideningAndAdd(sums.AsInt32(), codes, x.AsSByte()).AsByte()
        : (sums.AsInt16() + Avx2.MultiplyAddAdjacent(codes, x.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AccumulateBytes(Vector256<byte> sums, Vector256<byte> biased, Vector256<byte> x)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sums.AsInt32(), biased, x.AsSByte()).AsByte();
        }

        // A pair of products stays within 2 · 128 · 127, which 16 bits hold.
        var codes = (biased ^ Vector256.Create((byte)128)).AsSByte();
        return AddInts(sums, Widen(Avx2.MultiplyAddAdjacent(Avx2.Abs(codes), Avx2.Sign(x.AsSByte(), codes)).AsByte()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadHalves(byte* source)
    {
        var bits = Avx2.ConvertToVector256Int32((ushort*)source);
        var magnitude = ((bits & Vector256.Create(0x7fff)) << 13).AsSingle();

        // The exponent's bias grows from 15 to 127; multiplying by 2¹¹² also normalises subnormal halves.
        var value = magnitude * Vector256.Create(5.192296858534828e33f);
        return value.AsByte() | ((bits & Vector256.Create(0x8000)) << 16).AsByte();
    }
}
