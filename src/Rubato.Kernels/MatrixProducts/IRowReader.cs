using System.Runtime.CompilerServices;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>Reads stored weights straight into vectors of floats, exactly as <see cref="RowDecoder"/> decodes them.</summary>
internal unsafe interface IRowReader
{
    /// <summary>Numbers in a block: 16 or 32.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes in a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>What all numbers of the block are multiplied by.</summary>
    static abstract TVector Scale<TSimd, TVector>(byte* block)
        where TSimd : ISimd<TVector>
        where TVector : struct;

    /// <summary>A vector of numbers of the block, from number <paramref name="offset"/> on.</summary>
    static abstract TVector Read<TSimd, TVector>(byte* block, int offset, TVector scale)
        where TSimd : ISimd<TVector>
        where TVector : struct;
}

/// <summary>IEEE half precision.</summary>
internal readonly unsafe struct HalfReader : IRowReader
{
    public static int BlockLength => 16;

    public static int BlockBytes => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TSimd, TVector>(byte* block)
        where TSimd : ISimd<TVector>
        where TVector : struct => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Read<TSimd, TVector>(byte* block, int offset, TVector scale)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.LoadHalves((ushort*)block + offset);
}

/// <summary>The upper half of a single-precision number.</summary>
internal readonly unsafe struct BFloatReader : IRowReader
{
    public static int BlockLength => 16;

    public static int BlockBytes => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TSimd, TVector>(byte* block)
        where TSimd : ISimd<TVector>
        where TVector : struct => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Read<TSimd, TVector>(byte* block, int offset, TVector scale)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.LoadBFloats((ushort*)block + offset);
}

/// <summary>32 signed bytes after a half-precision scale.</summary>
internal readonly unsafe struct Q8Reader : IRowReader
{
    public static int BlockLength => WeightFormats.Q8BlockLength;

    public static int BlockBytes => WeightFormats.Q8BlockBytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TSimd, TVector>(byte* block)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.Broadcast(HalfPrecision.ToSingle(*(ushort*)block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Read<TSimd, TVector>(byte* block, int offset, TVector scale)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.Multiply(scale, TSimd.LoadSignedBytes((sbyte*)block + 2 + offset));
}
