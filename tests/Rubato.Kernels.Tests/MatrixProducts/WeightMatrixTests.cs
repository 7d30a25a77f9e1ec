using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Tests.MatrixProducts;

public class WeightMatrixTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void DecodeRow_EveryHalf_IsExact(VectorWidth width)
    {
        var decoded = DecodeAll16BitPatterns(WeightFormat.F16, width);
        for (var bits = 0; bits < decoded.Length; bits++)
        {
            AssertSameNumber((float)BitConverter.UInt16BitsToHalf((ushort)bits), decoded[bits], bits);
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void DecodeRow_EveryBFloat_IsExact(VectorWidth width)
    {
        var decoded = DecodeAll16BitPatterns(WeightFormat.BF16, width);
        for (var bits = 0; bits < decoded.Length; bits++)
        {
            AssertSameNumber(BitConverter.Int32BitsToSingle(bits << 16), decoded[bits], bits);
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void DecodeRow_EveryFiniteScaleWithEveryByte_IsTheExactProduct(VectorWidth width)
    {
        // 8 blocks hold all 256 bytes under one scale.
        using var buffer = new AlignedBuffer<byte>(8 * 34);
        var bytes = buffer.Span;
        var matrix = new WeightMatrix(buffer.AsRegion(), WeightFormat.Q8_0, 1, 256);
        var decoded = new float[256];
        for (var bits = 0; bits < 0x10000; bits += 7)
        {
            var scale = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (!Half.IsFinite(scale))
            {
                continue;
            }

            for (var i = 0; i < 256; i++)
            {
                BitConverter.TryWriteBytes(bytes[(i / 32 * 34)..], scale);
                bytes[(i / 32 * 34) + 2 + (i % 32)] = (byte)i;
            }

            matrix.DecodeRow(0, decoded, width);
            for (var i = 0; i < 256; i++)
            {
                Assert.Equal((double)scale * unchecked((sbyte)i), decoded[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void DecodeRow_AnyLength_SameBitsAsDefinition(VectorWidth width)
    {
        foreach (var format in Enum.GetValues<WeightFormat>())
        {
            foreach (var length in Numbers.LengthsOf(format))
            {
                var matrix = Numbers.Matrix(format, 2, length, 5);
                var expected = new float[length];
                var actual = new float[length];
                matrix.DecodeRow(1, expected, VectorWidth.Scalar);
                matrix.DecodeRow(1, actual, width);
                Numbers.AssertSameBits(expected, actual, $"{format} {length}");
            }
        }
    }

    [Fact]
    public void Constructor_RegionTooSmallOrShapeUnsound_Throws()
    {
        using var buffer = new AlignedBuffer<byte>(100);
        Assert.Throws<ArgumentException>(() => new WeightMatrix(buffer.AsRegion(), WeightFormat.F32, 13, 2));
        Assert.Throws<ArgumentException>(() => new WeightMatrix(buffer.AsRegion(), WeightFormat.Q8_0, 1, 33));
        Assert.Throws<ArgumentException>(() => new WeightMatrix(buffer.AsRegion(), WeightFormat.Q2_K, 1, 128));
        Assert.Throws<ArgumentException>(() => new WeightMatrix(buffer.AsRegion(), WeightFormat.F16, int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightMatrix(buffer.AsRegion(), WeightFormat.F32, 0, 2));
        var matrix = new WeightMatrix(buffer.AsRegion(), WeightFormat.F32, 12, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DecodeRow(12, new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DecodeRow(0, new float[1]));
    }

    private static float[] DecodeAll16BitPatterns(WeightFormat format, VectorWidth width)
    {
        using var buffer = new AlignedBuffer<byte>(2 * 0x10000);
        var bytes = buffer.Span;
        for (var bits = 0; bits < 0x10000; bits++)
        {
            BitConverter.TryWriteBytes(bytes[(2 * bits)..], (ushort)bits);
        }

        var decoded = new float[0x10000];
        new WeightMatrix(buffer.AsRegion(), format, 1, 0x10000).DecodeRow(0, decoded, width);
        return decoded;
    }

    private static void AssertSameNumber(float expected, float actual, int bits)
    {
        var same = float.IsNaN(expected)
            ? float.IsNaN(actual)
            : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual);
        Assert.True(same, $"0x{bits:x4}: {actual}, expected {expected}");
    }
}
