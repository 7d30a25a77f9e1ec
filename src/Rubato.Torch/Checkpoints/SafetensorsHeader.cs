using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Core;

namespace Rubato.Torch.Checkpoints;

/// <summary>The header of a safetensors file that holds float32 tensors one after the other.</summary>
/// <param name="Tensors">Names and shapes in the order of the data.</param>
/// <param name="Metadata">Free text by name.</param>
internal sealed record SafetensorsHeader(
    ImmutableArray<(string Name, ImmutableArray<long> Shape)> Tensors, ImmutableSortedDictionary<string, string> Metadata)
{
    private const int MaximumLength = 100_000_000;

    /// <summary>Bytes of all tensors.</summary>
    public long DataLength => Tensors.Sum(tensor => ByteLength(tensor.Shape));

    /// <summary>The header's bytes: a 64-bit length, then JSON padded to a multiple of 8.</summary>
    public byte[] ToBytes()
    {
        var entries = new Dictionary<string, object> { ["__metadata__"] = Metadata };
        long start = 0;
        foreach (var (name, shape) in Tensors)
        {
            var end = start + ByteLength(shape);
            entries.Add(name, new { dtype = "F32", shape, data_offsets = new[] { start, end } });
            start = end;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(entries);
        var padded = (json.Length + 7) / 8 * 8;
        var bytes = new byte[8 + padded];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, padded);
        json.CopyTo(bytes.AsSpan(8));
        bytes.AsSpan(8 + json.Length).Fill((byte)' ');
        return bytes;
    }

    /// <summary>Reads a header that <see cref="ToBytes"/> wrote, byte for byte, and checks that the data after it is whole.</summary>
    /// <exception cref="InvalidFormatException">The file is not such a file, or is cut short.</exception>
    public static SafetensorsHeader Read(Stream stream, string name)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw new InvalidFormatException($"{name}: {stream.Length} bytes are too few for a safetensors file.");
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > MaximumLength || length > stream.Length - 8)
        {
            throw new InvalidFormatException(
                $"{name}: a header of {length} bytes does not fit in the file; it is no safetensors file or cut short.");
        }

        var json = new byte[length];
        stream.ReadExactly(json);
        var header = Parse(json, name);
        return header.DataLength == stream.Length - 8 - length
            ? header
            : throw new InvalidFormatException(
                $"{name}: {stream.Length - 8 - length} bytes of data where {header.DataLength} are declared.");
    }

    private static SafetensorsHeader Parse(byte[] json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            var tensors = new List<(long Start, string Name, ImmutableArray<long> Shape)>();
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (entry.NameEquals("__metadata__"))
                {
                    metadata.AddRange(
                        entry.Value.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString() ?? "")));
                }
                else
                {
                    var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToImmutableArray();
                    tensors.Add((entry.Value.GetProperty("data_offsets")[0].GetInt64(), entry.Name, shape));
                }
            }

            var header = new SafetensorsHeader(
                [.. tensors.OrderBy(tensor => tensor.Start).Select(tensor => (tensor.Name, tensor.Shape))], metadata.ToImmutable());
            _ = header.DataLength; // overflows here, where it is caught
            return header.ToBytes().AsSpan(8).SequenceEqual(json)
                ? header
                : throw new InvalidFormatException($"{name}: the header is not as it was written; the file is damaged or of another program.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or OverflowException or IndexOutOfRangeException or ArgumentException)
        {
            throw new InvalidFormatException($"{name}: the safetensors header cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static long ByteLength(ImmutableArray<long> shape) => shape.Aggregate((long)sizeof(float), (product, size) => product * size);
}
