using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Quantized;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Tests.Quantized;

public class QuantizedRowsTests
{
    public static TheoryData<WeightFormat> Formats => GgmlGolden.Formats;

    public static TheoryData<WeightFormat> FormatsWithTheBytesOfGgml =>
        [.. GgmlGolden.Formats.Select(row => row.Data).Where(format => GgmlGolden.Of(format).TryGetProperty("gaussianBytes", out _))];

    [Fact]
    public void Golden_CoversEveryQuantisedFormat() =>
        Assert.Equal(Enum.GetValues<WeightFormat>().Where(format => format.BlockLength() > 1), GgmlGolden.Formats.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_BlocksOfEveryBytePattern_SameBitsAsGgmlAtEveryWidth(WeightFormat format)
    {
        var blocks = GgmlGolden.RandomBlocks(format);
        Assert.Equal(GgmlGolden.Of(format).GetProperty("blocks").GetString(), GgmlGolden.Sha256(blocks));
        using var buffer = new AlignedBuffer<byte>(blocks.Length);
        blocks.CopyTo(buffer.Span);
        var length = blocks.Length / format.BlockBytes() * format.BlockLength();
        var matrix = new WeightMatrix(buffer.AsRegion(), format, 1, length);
        var decoded = new float[length];
        foreach (var width in VectorSupport.Available)
        {
            Array.Fill(decoded, float.NaN);
            matrix.DecodeRow(0, decoded, width);
            Assert.Equal(GgmlGolden.Of(format).GetProperty("decoded").GetString(), GgmlGolden.Sha256(MemoryMarshal.AsBytes(decoded.AsSpan())));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_ExamplesOfGgml_SameBits(WeightFormat format)
    {
        foreach (var example in GgmlGolden.Of(format).GetProperty("examples").EnumerateArray())
        {
            var values = new float[format.BlockLength()];
            QuantizedRows.Decode(format, Convert.FromHexString(example.GetProperty("block").GetString()!), values);
            var expected = MemoryMarshal.Cast<byte, float>(Convert.FromHexString(example.GetProperty("values").GetString()!));
            Numbers.AssertSameBits(expected, values, format.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(FormatsWithTheBytesOfGgml))]
    public void Encode_FormatsWithoutSearch_SameBytesAsGgml(WeightFormat format)
    {
        Assert.Equal(GgmlGolden.Of(format).GetProperty("gaussianBytes").GetString(), GgmlGolden.Sha256(Encode(format, GgmlGolden.Gaussian())));
        Assert.Equal(GgmlGolden.Of(format).GetProperty("awkwardBytes").GetString(), GgmlGolden.Sha256(Encode(format, GgmlGolden.Awkward())));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_NormalNumbers_ErrorOfGgmlAtMost(WeightFormat format)
    {
        var values = GgmlGolden.Gaussian();
        var ours = Rmse(values, Decode(format, Encode(format, values)));
        var theirs = GgmlGolden.Of(format).GetProperty("gaussianRmse").GetDouble();
        Assert.True(ours <= theirs * 1.00001, $"{format}: {ours:G6}, ggml {theirs:G6}, ratio {ours / theirs:F4}");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_DecodedBlocks_LosesAlmostNothing(WeightFormat format)
    {
        // Numbers that lie on a grid of the format already: what is lost is a small part of what the first encoding lost.
        var values = GgmlGolden.Gaussian()[..16384];
        var once = Decode(format, Encode(format, values));
        var twice = Decode(format, Encode(format, once));
        Assert.True(Rmse(once, twice) <= 0.5 * Rmse(values, once), $"{format}: {Rmse(once, twice):G4} after {Rmse(values, once):G4}");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_AnyFiniteNumbers_ErrorIsBoundedByTheRange(WeightFormat format)
    {
        var values = GgmlGolden.Awkward();
        var decoded = Decode(format, Encode(format, values));
        for (var block = 0; block < values.Length; block += format.BlockLength())
        {
            var peak = values.AsSpan(block, format.BlockLength()).ToArray().Max(MathF.Abs);
            for (var i = block; i < block + format.BlockLength(); i++)
            {
                Assert.True(MathF.Abs(values[i] - decoded[i]) <= 0.75f * peak, $"{format}: {values[i]} became {decoded[i]} under {peak}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_NumbersTimesAPowerOfTwo_ScalesTheResultOnly(WeightFormat format)
    {
        // Scales stay normal numbers of half precision, so that nothing but exponents changes: no sum overflows or vanishes on the way.
        var values = GgmlGolden.Gaussian()[..8192];
        var small = Decode(format, Encode(format, [.. values.Select(value => value * 64)]));
        var large = Decode(format, Encode(format, [.. values.Select(value => value * 262_144)]));
        Numbers.AssertSameBits([.. small.Select(value => value * 4096)], large, format.ToString());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_ZerosAndNumbersBelowEveryScale_GiveZeros(WeightFormat format)
    {
        foreach (var value in new[] { 0f, -0f, float.Epsilon, -1e-42f, 1e-20f })
        {
            var values = new float[format.BlockLength()];
            Array.Fill(values, value);
            values[3] = 0;
            Assert.All(Decode(format, Encode(format, values)), decoded => Assert.Equal(0, decoded));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_NotFiniteOrTooLarge_IsRefusedWithItsIndex(WeightFormat format)
    {
        var values = new float[2 * format.BlockLength()];
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            values[^5] = value;
            var refusal = Assert.Throws<RubatoException>(() => Encode(format, values));
            Assert.Contains($"as {format}, at index {values.Length - 5} of the row", refusal.Message, StringComparison.Ordinal);
        }

        foreach (var value in new[] { 3e8f, -3e8f, float.MaxValue, float.MinValue })
        {
            values[^5] = value;
            Assert.Contains($"too large for {format}", Assert.Throws<RubatoException>(() => Encode(format, values)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void LengthsThatDoNotFit_Throw(WeightFormat format)
    {
        var values = new float[format.BlockLength()];
        Assert.ThrowsAny<ArgumentException>(() => QuantizedRows.Encode(format, values, new byte[format.BlockBytes() - 1]));
        Assert.ThrowsAny<ArgumentException>(() => QuantizedRows.Decode(format, new byte[format.BlockBytes() + 1], values));
        Assert.ThrowsAny<ArgumentException>(() => QuantizedRows.Decode(format, new byte[format.BlockBytes()], values.AsSpan(1)));
        Assert.ThrowsAny<ArgumentException>(() => QuantizedRows.Decode(WeightFormat.F16, new byte[2], new float[1]));
    }

    private static byte[] Encode(WeightFormat format, float[] values)
    {
        // Filled: bytes that are not written are found.
        var target = Enumerable.Repeat((byte)0xA5, (int)format.RowBytes(values.Length)).ToArray();
        QuantizedRows.Encode(format, values, target);
        return target;
    }

    private static float[] Decode(WeightFormat format, byte[] blocks)
    {
        var values = new float[blocks.Length / format.BlockBytes() * format.BlockLength()];
        QuantizedRows.Decode(format, blocks, values);
        return values;
    }

    private static double Rmse(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Average());
}
