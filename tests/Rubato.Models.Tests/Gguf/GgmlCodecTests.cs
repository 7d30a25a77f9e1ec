using System.Security.Cryptography;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Gguf;

public sealed class GgmlCodecTests
{
    [Fact]
    public void F16_rounds_to_nearest_even_at_every_one_of_its_values() =>
        CheckSixteenBits(GgmlType.F16, bits => (float)BitConverter.UInt16BitsToHalf(bits), infinity: 0x7C00);

    [Fact]
    public void BF16_rounds_to_nearest_even_at_every_one_of_its_values() =>
        CheckSixteenBits(GgmlType.BF16, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16), infinity: 0x7F80);

    [Theory]
    [InlineData(GgmlType.F16, 65_519.996f, 0x7BFF)]
    [InlineData(GgmlType.F16, 65_520f, 0x7C00)]
    [InlineData(GgmlType.F16, float.MaxValue, 0x7C00)]
    [InlineData(GgmlType.F16, float.NegativeInfinity, 0xFC00)]
    [InlineData(GgmlType.F16, -0f, 0x8000)]
    [InlineData(GgmlType.F16, 5.9604645e-8f, 0x0001)]
    [InlineData(GgmlType.F16, 2.9802322e-8f, 0x0000)]
    [InlineData(GgmlType.F16, 2.9802326e-8f, 0x0001)]
    [InlineData(GgmlType.F16, 6.1035156e-5f, 0x0400)]
    [InlineData(GgmlType.F16, 1f, 0x3C00)]
    [InlineData(GgmlType.BF16, float.MaxValue, 0x7F80)]
    [InlineData(GgmlType.BF16, float.NegativeInfinity, 0xFF80)]
    [InlineData(GgmlType.BF16, -0f, 0x8000)]
    [InlineData(GgmlType.BF16, 1.00390625f, 0x3F80)]
    [InlineData(GgmlType.BF16, 1.01171875f, 0x3F82)]
    [InlineData(GgmlType.BF16, float.Epsilon, 0x0000)]
    [InlineData(GgmlType.BF16, 1e-40f, 0x0001)]
    public void Edge_values_have_these_bits(GgmlType type, float value, int bits) => Assert.Equal(bits, Sixteen(type, value));

    /// <summary>The hashes are those of the tensor that llama.cpp's llama-quantize makes of the same 40,960 floats.</summary>
    [Theory]
    [InlineData(GgmlType.F16, "7b422e44ee9d14663b68ad9a5e6ddc67079f39feb7596c3008860c12adbd13a5")]
    [InlineData(GgmlType.BF16, "a85c33e008584e4723fc98e9124db4d75d06de6337237154508d3ef1186a615f")]
    [InlineData(GgmlType.Q8_0, "71e6f234771d162c1aadd841cc2a005dbc37b8d720f3ed12cc163060b7a8de65")]
    public void The_bytes_are_those_of_ggml(GgmlType type, string sha256)
    {
        var prng = new Prng(1).Split("golden");
        var values = new float[128 * 320];
        for (var i = 64; i < values.Length; i++)
        {
            values[i] = prng.Chance(1, 40) ? 0 : (float)Math.ScaleB(prng.NextDouble() - 0.5, prng.NextInt32(-30, 12));
        }

        var encoded = new byte[type.RowBytes(values.Length)];
        GgmlCodec.Encode(type, values, encoded);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(encoded)));
    }

    [Fact]
    public void NaN_stays_NaN_whatever_its_payload()
    {
        foreach (var bits in new uint[] { 0x7F80_0001, 0x7FC0_0000, 0x7FFF_FFFF, 0xFF80_0001, 0xFFFF_FFFF, 0x7FA0_0000 })
        {
            foreach (var type in new[] { GgmlType.F32, GgmlType.F16, GgmlType.BF16 })
            {
                var encoded = new byte[type.BlockBytes()];
                var decoded = new float[1];
                GgmlCodec.Encode(type, [BitConverter.UInt32BitsToSingle(bits)], encoded);
                GgmlCodec.Decode(type, encoded, decoded);
                Assert.True(float.IsNaN(decoded[0]), $"{type} of {bits:X8}");
                Assert.Equal(bits >> 31, (uint)(encoded[^1] >> 7));
            }
        }
    }

    [Fact]
    public void Q8_0_of_zeros_and_of_numbers_too_small_for_its_scale_is_all_zero()
    {
        foreach (var value in new[] { 0f, -0f, float.Epsilon, -1e-40f, 1e-7f })
        {
            Assert.All(Q8(Enumerable.Repeat(value, 32)), b => Assert.True(b == 0 || value == 1e-7f));
        }

        Assert.Equal(new float[32], Decode(Q8(Enumerable.Repeat(1e-7f, 32)))); // The quants are 127, the stored scale is 0.
    }

    [Fact]
    public void Q8_0_rounds_ties_away_from_zero()
    {
        float[] values = [127, -127, 0.5f, -0.5f, 1.5f, -1.5f, 2.5f, -2.5f, 0.49f, -0.49f, 126.5f, -126.5f, .. new float[20]];
        var block = Q8(values);
        Assert.Equal([0x00, 0x3C], block[..2]); // A scale of 1.
        Assert.Equal(
            new sbyte[] { 127, -127, 1, -1, 2, -2, 3, -3, 0, 0, 127, -127 }.Concat(new sbyte[20]),
            block[2..].Select(b => unchecked((sbyte)b)));
    }

    [Fact]
    public void Q8_0_reaches_to_the_largest_scale_and_refuses_what_lies_beyond()
    {
        var largest = 127 * (float)Half.MaxValue;
        Assert.Equal(largest, Decode(Q8(Enumerable.Repeat(largest, 32)))[0]);
        foreach (var value in new[] { 1.001f * largest, float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            Assert.Throws<RubatoException>(() => Q8([1, value, .. new float[30]]));
        }
    }

    [Fact]
    public void Q8_0_is_off_by_half_a_step_at_most()
    {
        var prng = new Prng(11);
        var draw = new RandomGguf(prng);
        for (var run = 0; run < 2_000; run++)
        {
            var values = draw.Values(GgmlType.Q8_0, 32);
            var block = Q8(values);
            var decoded = Decode(block);
            var step = values.Max(MathF.Abs) / 127.0;
            var scale = (double)BitConverter.ToHalf(block);
            for (var i = 0; i < 32; i++)
            {
                // Half a step for the quant; then the scale itself was rounded, and the quant multiplies that error.
                var bound = step * 0.5001 + Math.Abs(unchecked((sbyte)block[2 + i])) * Math.Abs(scale - step);
                Assert.True(Math.Abs(values[i] - decoded[i]) <= bound, $"run {run}: {values[i]} became {decoded[i]}");
            }
        }
    }

    [Fact]
    public void Sizes_must_fit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GgmlCodec.Encode(GgmlType.F16, new float[3], new byte[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GgmlCodec.Encode(GgmlType.Q8_0, new float[33], new byte[34]));
        Assert.Throws<NotSupportedException>(() => GgmlCodec.Decode(GgmlType.IQ4_XS, new byte[136], new float[256]));
    }

    [Fact]
    public void Every_published_type_has_a_size_between_one_bit_and_eight_bytes_per_value()
    {
        foreach (var type in Enum.GetValues<GgmlType>())
        {
            Assert.True(GgmlTypeInfo.IsKnown(type));
            var bits = 8.0 * type.BlockBytes() / type.BlockSize();
            Assert.InRange(bits, 1, 64);
            Assert.Equal(3L * type.BlockBytes(), type.RowBytes(3L * type.BlockSize()));
        }

        Assert.Equal(GgmlTypeInfo.SupportedNames, string.Join(", ", RandomGguf.SupportedTypes));
        Assert.All(RandomGguf.SupportedTypes, type => Assert.True(type.IsSupported()));
    }

    /// <summary>Exact values keep their bits; the middle of two neighbours goes to the even one; beside it, to the nearer.</summary>
    private static void CheckSixteenBits(GgmlType type, Func<ushort, float> decode, ushort infinity)
    {
        for (ushort bits = 0; bits < infinity; bits++)
        {
            var low = (double)decode(bits);
            var high = bits + 1 == infinity ? (2 * low) - decode((ushort)(bits - 1)) : decode((ushort)(bits + 1));
            Assert.Equal(bits, Sixteen(type, (float)low));
            Assert.Equal(bits | 0x8000, Sixteen(type, -(float)low));
            var middle = (float)((low + high) / 2);
            if (middle != (low + high) / 2)
            {
                continue; // The middle of BF16 subnormals and of the last gap can lie between two floats.
            }

            Assert.Equal(bits + (bits & 1), Sixteen(type, middle));
            Assert.Equal(bits, Sixteen(type, MathF.BitDecrement(middle)));
            Assert.Equal(bits + 1, Sixteen(type, MathF.BitIncrement(middle)));
        }
    }

    private static ushort Sixteen(GgmlType type, float value)
    {
        Span<byte> encoded = stackalloc byte[2];
        GgmlCodec.Encode(type, [value], encoded);
        return BitConverter.ToUInt16(encoded);
    }

    private static byte[] Q8(IEnumerable<float> values)
    {
        var block = new byte[34];
        GgmlCodec.Encode(GgmlType.Q8_0, values.ToArray(), block);
        return block;
    }

    private static float[] Decode(byte[] block)
    {
        var values = new float[32];
        GgmlCodec.Decode(GgmlType.Q8_0, block, values);
        return values;
    }
}
