using Rubato.Core;
using Rubato.Kernels.Attention;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Quantized;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Tests.Attention;

public class KvRowsTests
{
    private static readonly float[] Special =
    [
        0, -0f, float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -1e-30f, 65504, 65519.996f, 65520, 65535.9f, 65536,
        6.1035156e-5f, 6.0975552e-5f, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 8.940697e-8f, 1e-7f, 1e9f,
    ];

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void EncodeHalves_EveryHalfItsNeighboursAndManyFloats_NearestEven(VectorWidth width)
    {
        var floats = new List<float>(Special);
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            // The half itself, halfway to the next one, and a hair to both sides of that.
            var value = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            var between = (float)((value + (double)(float)BitConverter.UInt16BitsToHalf(unchecked((ushort)(bits + 1)))) / 2);
            floats.AddRange([value, between, MathF.BitIncrement(between), MathF.BitDecrement(between)]);
        }

        var prng = new Prng(8);
        floats.AddRange(Enumerable.Range(0, 200_000).Select(_ => BitConverter.UInt32BitsToSingle(unchecked((uint)prng.NextUInt64()))));
        var source = floats.ToArray();
        var (expected, actual) = (Encode(source, KvFormat.F16, VectorWidth.Scalar), Encode(source, KvFormat.F16, width));
        Assert.Equal(expected, actual);
        for (var i = 0; i < source.Length; i++)
        {
            var half = BitConverter.ToUInt16(expected, 2 * i);
            if (float.IsNaN(source[i]))
            {
                Assert.Equal(0x7e00 | ((BitConverter.SingleToUInt32Bits(source[i]) >> 16) & 0x8000), half);
            }
            else
            {
                Assert.Equal(BitConverter.HalfToUInt16Bits((Half)source[i]), half);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Encode_AnyLength_SameBytesAsDefinition(VectorWidth width)
    {
        foreach (var format in Enum.GetValues<KvFormat>())
        {
            foreach (var length in Numbers.Lengths)
            {
                foreach (var amplitude in new[] { 1, 1e-30f, 1e-6f, 3e-5f, 3e4f, 1e8f })
                {
                    var source = Numbers.Random(length, (ulong)length, amplitude);
                    Assert.Equal(Encode(source, format, VectorWidth.Scalar), Encode(source, format, width));
                    source[length / 2] = Special[length % Special.Length];
                    Assert.Equal(Encode(source, format, VectorWidth.Scalar), Encode(source, format, width));
                }
            }
        }
    }

    [Fact]
    public void Bytes_AnyMagnitude_OffByHalfAStepAtMost()
    {
        foreach (var amplitude in new[] { 1e-3f, 1, 300, 1e6f })
        {
            foreach (var length in Numbers.Lengths)
            {
                var source = Numbers.Random(length, (ulong)length + 7, amplitude);
                var decoded = Decode(Encode(source, KvFormat.Q8_0, VectorSupport.Widest));
                for (var i = 0; i < decoded.Length; i++)
                {
                    // The scale is rounded by 2⁻¹¹ of itself, so the largest code of all may fall short by 127 times as much.
                    var largest = source.Skip(i / 32 * 32).Take(32).Max(Math.Abs);
                    Assert.Equal(i < length ? source[i] : 0, decoded[i], i < length ? largest / 127 * 0.57 : 0);
                }
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-9e6f)]
    public void Bytes_NumberThatNoScaleReaches_MakesItsBlockNaN(float bad)
    {
        foreach (var width in VectorSupport.Available)
        {
            var source = Numbers.Random(96, 3);
            source[40] = bad;
            var decoded = Decode(Encode(source, KvFormat.Q8_0, width));
            Assert.All(decoded[32..64], value => Assert.True(float.IsNaN(value)));
            Assert.All(decoded[..32].Concat(decoded[64..]), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void Bytes_ZerosAndDust_CountAsNothing()
    {
        foreach (var width in VectorSupport.Available)
        {
            Assert.All(Decode(Encode([0f, -0f, 1e-7f, -3e-6f], KvFormat.Q8_0, width)), value => Assert.Equal(0, value));
        }
    }

    private static byte[] Encode(float[] source, KvFormat format, VectorWidth width)
    {
        var bytes = new byte[new KvShape(1, 1, source.Length, 1, format).RowBytes];
        KvRows.Encode(source, format, bytes, width);
        return bytes;
    }

    private static float[] Decode(byte[] row)
    {
        var decoded = new float[row.Length / WeightFormats.Q8BlockBytes * WeightFormats.Q8BlockLength];
        QuantizedRows.Decode(WeightFormat.Q8_0, row, decoded);
        return decoded;
    }
}
