using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Gguf;

/// <summary>What the writer writes, the reader reads back: random metadata and tensors.</summary>
public sealed class GgufRoundTripTests
{
    [Fact]
    public void Random_files_read_back_equal()
    {
        var root = new Prng(20260101);
        for (var run = 0UL; run < 400; run++)
        {
            var prng = root.Split(run);
            var draw = new RandomGguf(prng);
            var writer = new GgufWriter();
            var expected = new OrderedDictionary<string, GgufValue>();
            for (var i = prng.NextInt32(20); i > 0; i--)
            {
                var (key, value) = ($"k{prng.NextInt32(30)}{draw.Text(5)}", draw.Value());
                writer.Set(key, value);
                expected[key] = value;
            }

            var tensors = DrawTensors(prng, draw, writer);
            if (tensors.Any(t => t.Type.IsQuantized()))
            {
                expected.TryAdd("general.quantization_version", 2u);
            }

            using var file = GgufFile.Parse(Bytes(writer), $"run {run}");
            Assert.Equal(3, file.Version);
            Assert.Equal(32, file.Alignment);
            Assert.Equal(expected.ToList(), file.Metadata.ToList());
            CheckTensors(tensors, file);
        }
    }

    [Fact]
    public void A_copied_file_is_equal_byte_for_byte()
    {
        var prng = new Prng(7);
        var writer = new GgufWriter();
        writer.Set("general.architecture", "llama");
        writer.Set("general.quantization_version", 2u);
        DrawTensors(prng, new RandomGguf(prng), writer);
        var bytes = Bytes(writer);
        using var file = GgufFile.Parse(bytes, "original");

        var copy = new GgufWriter();
        foreach (var (key, value) in file.Metadata)
        {
            copy.Set(key, value);
        }

        foreach (var tensor in file.Tensors)
        {
            copy.AddTensor(tensor.Name, tensor.Dimensions, tensor.Type, file.Data(tensor));
        }

        Assert.Equal(bytes, Bytes(copy));
    }

    internal static byte[] Bytes(GgufWriter writer)
    {
        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return stream.ToArray();
    }

    private static List<DrawnTensor> DrawTensors(Prng prng, RandomGguf draw, GgufWriter writer)
    {
        var tensors = new List<DrawnTensor>();
        for (var i = prng.NextInt32(6); i > 0; i--)
        {
            var type = RandomGguf.SupportedTypes[prng.NextInt32(RandomGguf.SupportedTypes.Length)];
            var dimensions = draw.Dimensions(type);
            var values = draw.Values(type, dimensions.Aggregate(1L, (a, b) => a * b));
            writer.AddTensor($"tensor {i} {draw.Text(8)}", dimensions, type, values);
            tensors.Add(new(dimensions, type, values));
        }

        return tensors;
    }

    private static void CheckTensors(List<DrawnTensor> expected, GgufFile file)
    {
        Assert.Equal(expected.Count, file.Tensors.Length);
        foreach (var (drawn, tensor) in expected.Zip(file.Tensors))
        {
            Assert.Equal(drawn.Dimensions, tensor.Dimensions);
            Assert.Equal(drawn.Type, tensor.Type);
            Assert.Equal(0, tensor.Offset % file.Alignment);
            Assert.Same(tensor, file.GetTensor(tensor.Name));
            var encoded = new byte[tensor.ByteLength];
            GgmlCodec.Encode(drawn.Type, drawn.Values, encoded);
            Assert.Equal(encoded, file.Data(tensor).AsSpan<byte>().ToArray());

            var row = new float[tensor.RowLength];
            var decoded = new float[tensor.ElementCount];
            GgmlCodec.Decode(drawn.Type, encoded, decoded);
            for (var i = 0; i < tensor.RowCount; i++)
            {
                file.ReadRow(tensor, i, row);
                Assert.Equal(decoded.AsSpan(i * row.Length, row.Length).ToArray(), row);
            }
        }
    }

    private sealed record DrawnTensor(ImmutableArray<long> Dimensions, GgmlType Type, float[] Values);
}
