using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Safetensors;

/// <summary>Parses and checks the header of a safetensors file: the tensors must fill the file after it without gap or overlap.</summary>
internal sealed class SafetensorsHeader(string name, MemoryRegion content)
{
    private const int LengthBytes = sizeof(ulong);
    private const long HeaderBytesMax = 100_000_000; // The format's own bound.
    private const int DimensionsMax = 8;
    private const int TensorsMax = 200_000; // Twice what the largest published models have in all their files together.
    private const string MetadataName = "__metadata__";

    private long _dataStart;

    /// <summary>The tensors in the order of their data.</summary>
    public ImmutableArray<SafetensorsTensor> Read()
    {
        if (content.Length < LengthBytes)
        {
            throw Refused($"{content.Length} bytes are too short for a safetensors file");
        }

        var length = BitConverter.ToUInt64(content.Slice(0, LengthBytes));
        if (length > HeaderBytesMax || (long)length > content.Length - LengthBytes)
        {
            throw Refused($"not a safetensors file, or cut off: it says that {length} bytes of header follow, but has {content.Length - LengthBytes} (at most {HeaderBytesMax} are allowed)");
        }

        _dataStart = LengthBytes + (long)length;
        var json = content.Slice(LengthBytes, (int)length);
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw Refused("not a safetensors file: its header does not begin with '{'");
        }

        var header = JsonFile.Parse(json.ToArray(), name);
        var tensors = new List<SafetensorsTensor>();
        if (header.Element.GetPropertyCount() > TensorsMax)
        {
            throw Refused($"the header has {header.Element.GetPropertyCount()} tensors; at most {TensorsMax} are read");
        }

        foreach (var entry in header.Element.EnumerateObject())
        {
            if (entry.Name == MetadataName)
            {
                CheckMetadata(entry.Value);
            }
            else
            {
                tensors.Add(ReadTensor(entry.Name, header.ObjectOf(entry)));
            }
        }

        tensors.Sort((a, b) => (a.Offset, a.ByteLength).CompareTo((b.Offset, b.ByteLength)));
        CheckCover(tensors);
        return [.. tensors];
    }

    private void CheckMetadata(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object || metadata.EnumerateObject().Any(entry => entry.Value.ValueKind != JsonValueKind.String))
        {
            throw Refused($"{MetadataName} is not an object of strings");
        }
    }

    private SafetensorsTensor ReadTensor(string tensorName, JsonFields fields)
    {
        if (fields.Element.EnumerateObject().FirstOrDefault(entry => !entry.NameEquals("dtype") && !entry.NameEquals("shape") && !entry.NameEquals("data_offsets")) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw Refused($"tensor {Printable.Quote(tensorName)} has the unknown field {Printable.Quote(unknown.Name)}");
        }

        var typeName = fields.GetString("dtype");
        var type = SafetensorsTypes.Find(typeName)
            ?? throw Refused($"tensor {Printable.Quote(tensorName)} has the unknown type {Printable.Quote(typeName)}");
        var shape = Integers(fields, "shape", DimensionsMax, tensorName);
        var offsets = Integers(fields, "data_offsets", 2, tensorName);
        if (offsets.Length != 2 || offsets[0] > offsets[1] || offsets[1] > content.Length - _dataStart)
        {
            throw Refused($"tensor {Printable.Quote(tensorName)} has the data offsets [{string.Join(", ", offsets)}]; they must be a begin and an end within the {content.Length - _dataStart} bytes of data");
        }

        var bytes = ByteLength(shape, type) ?? throw Refused($"tensor {Printable.Quote(tensorName)}: the shape [{string.Join(", ", shape)}] of {type} takes more than 2⁶³ − 1 bytes");
        return bytes == offsets[1] - offsets[0]
            ? new(tensorName, type, shape, _dataStart + offsets[0], bytes)
            : throw Refused($"tensor {Printable.Quote(tensorName)}: the shape [{string.Join(", ", shape)}] of {type} takes {bytes} bytes, but its data offsets span {offsets[1] - offsets[0]}");
    }

    private ImmutableArray<long> Integers(JsonFields fields, string field, int most, string tensorName)
    {
        var values = fields.FindArray(field) ?? throw fields.Missing(field);
        var integers = ImmutableArray.CreateBuilder<long>();
        foreach (var value in values)
        {
            if (integers.Count == most)
            {
                throw Refused($"tensor {Printable.Quote(tensorName)} has more than {most} numbers in {field}");
            }

            integers.Add(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) && whole >= 0
                ? whole
                : throw Refused($"tensor {Printable.Quote(tensorName)} has {JsonFields.Describe(value)} in {field}; integers of 0 to 2⁶³ − 1 are needed"));
        }

        return integers.DrainToImmutable();
    }

    private static long? ByteLength(ImmutableArray<long> shape, SafetensorsType type)
    {
        var bytes = (Int128)type.Bytes();
        foreach (var dimension in shape)
        {
            bytes *= Math.Max(1, dimension); // Below 2⁶³ × 2⁶³. Products of some dimensions only must fit as well.
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return shape.Contains(0) ? 0 : (long)bytes;
    }

    private void CheckCover(List<SafetensorsTensor> tensors)
    {
        var end = _dataStart;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                var what = tensor.Offset < end ? "overlaps the tensor before it" : "leaves a gap before it";
                throw Refused(string.Create(CultureInfo.InvariantCulture, $"the data of tensor {Printable.Quote(tensor.Name)} {what} (byte {tensor.Offset} in place of {end})"));
            }

            end += tensor.ByteLength;
        }

        if (end != content.Length)
        {
            throw Refused(string.Create(CultureInfo.InvariantCulture, $"{content.Length - end} bytes at the end belong to no tensor"));
        }
    }

    private InvalidFormatException Refused(string reason) => new($"{name}: {reason}.");
}
