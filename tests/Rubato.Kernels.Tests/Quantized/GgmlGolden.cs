using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Tests.Quantized;

/// <summary>What the ggml library makes of inputs that are drawn here once more: ggml-golden.json, by bench/peers/ggml_blocks.py.</summary>
internal static class GgmlGolden
{
    private const int Blocks = 2048;

    private static readonly JsonElement Types = Read();
    private static readonly Lazy<float[]> GaussianNumbers = new(DrawGaussian);

    public static TheoryData<WeightFormat> Formats => [.. Types.EnumerateObject().Select(type => Enum.Parse<WeightFormat>(type.Name))];

    public static JsonElement Of(WeightFormat format) => Types.GetProperty(format.ToString());

    /// <summary>Bytes that every language draws alike.</summary>
    private static byte[] Stream(string label, int count) =>
        [.. Enumerable.Range(0, (count + 31) / 32).SelectMany(i => SHA256.HashData(Encoding.UTF8.GetBytes($"{label}/{i}"))).Take(count)];

    /// <summary>Blocks of every byte pattern with finite scales, zeros of both signs, subnormals and the largest among them.</summary>
    public static byte[] RandomBlocks(WeightFormat format)
    {
        var content = Stream($"blocks of {format}", Blocks * format.BlockBytes());
        for (var block = 0; block < Blocks; block++)
        {
            foreach (var (index, offset) in Numbers.Halves(format).Index())
            {
                var half = content.AsSpan((block * format.BlockBytes()) + offset);
                var bits = BinaryPrimitives.ReadUInt16LittleEndian(half);
                BinaryPrimitives.WriteUInt16LittleEndian(half, ((block >> (4 * index)) % 16) switch
                {
                    0 => 0,
                    1 => 0x8000,
                    2 => (ushort)(bits & 0x83FF),
                    3 => (ushort)((bits & 0x8000) | 0x7BFF),
                    _ => (bits & 0x7C00) == 0x7C00 ? (ushort)(bits & 0xBFFF) : bits,
                });
            }
        }

        return content;
    }

    /// <summary>Nearly normal numbers of deviation 1/32, exact in single precision: sums of twelve 16-bit numbers.</summary>
    public static float[] Gaussian() => [.. GaussianNumbers.Value];

    private static float[] DrawGaussian()
    {
        const int Count = 64 * 4096;
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(Stream("gaussian", 24 * Count));
        var values = new float[Count];
        for (var i = 0; i < Count; i++)
        {
            var sum = -6 * 65536;
            foreach (var word in words.Slice(12 * i, 12))
            {
                sum += word;
            }

            values[i] = sum / 65536f / 32;
        }

        return values;
    }

    /// <summary>Numbers of all sizes, zeros, blocks of one value and ties of the largest.</summary>
    public static float[] Awkward()
    {
        const int Count = 16 * 4096;
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(Stream("awkward", 4 * Count));
        var values = new float[Count];
        for (var i = 0; i < Count; i++)
        {
            var exponent = 127 - 20 + (i / 32 * 7 % 24) + (int)((words[i] >> 23) % 4);
            var value = BitConverter.UInt32BitsToSingle((words[i] & 0x807F_FFFF) | ((uint)exponent << 23));
            values[i] = (i / 32 % 16) switch
            {
                1 => 0,
                2 => i % 32 == 0 ? value : values[i - 1],
                3 => MathF.CopySign(0.75f, value),
                4 when words[i] % 3 == 0 => 0,
                5 => MathF.Abs(value),
                6 => -MathF.Abs(value),
                _ => value,
            };
        }

        return values;
    }

    public static string Sha256(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static JsonElement Read()
    {
        using var stream = typeof(GgmlGolden).Assembly.GetManifestResourceStream("ggml-golden.json")!;
        return JsonDocument.Parse(stream).RootElement.GetProperty("types").Clone();
    }
}
