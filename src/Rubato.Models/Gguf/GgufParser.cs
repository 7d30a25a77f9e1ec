using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Models.Gguf;

/// <summary>Reads header, metadata and tensor list of a GGUF file. Nothing is allocated for a count before it is checked.</summary>
internal sealed class GgufParser(string name, MemoryRegion content)
{
    private const int EntryBytesMin = 8 + 1 + 4 + 1; // key length, one byte of key, type, the smallest value
    private const int TensorBytesMin = 8 + 1 + 4 + 4 + 8; // name length, one byte of name, dimension count, type, offset

    private readonly GgufCursor _cursor = new(name, content);

    internal int Version { get; private set; }

    internal long Alignment { get; private set; } = GgufFormat.AlignmentDefault;

    internal GgufMetadata Metadata { get; } = new(name);

    internal ImmutableArray<GgufTensor> Tensors { get; private set; } = [];

    internal Dictionary<string, GgufTensor> TensorsByName { get; } = new(StringComparer.Ordinal);

    internal void Parse()
    {
        ReadVersion();
        var tensorCount = ReadCount("tensors", TensorBytesMin, GgufFormat.TensorsMax);
        var entryCount = ReadCount("metadata entries", EntryBytesMin, GgufFormat.EntriesMax);
        for (var i = 0L; i < entryCount; i++)
        {
            ReadEntry();
        }

        ReadTensors(tensorCount);
    }

    private long ReadCount(string what, int bytesEach, int most)
    {
        var at = _cursor.Position;
        var count = _cursor.ReadCount(what, bytesEach);
        return count <= most ? count : throw _cursor.Broken(at, $"{count} {what}; at most {most} are allowed");
    }

    private void ReadVersion()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new RubatoException($"{name}: GGUF files can only be read on little-endian machines.");
        }

        if (content.Length < GgufFormat.Magic.Length || !content.Slice(0, GgufFormat.Magic.Length).SequenceEqual(GgufFormat.Magic))
        {
            throw _cursor.Broken(0, "not a GGUF file: it does not begin with the letters GGUF");
        }

        _cursor.Skip(GgufFormat.Magic.Length);
        var at = _cursor.Position;
        var version = _cursor.ReadUInt32();
        Version = version switch
        {
            2 or 3 => (int)version,
            _ when BinaryPrimitives.ReverseEndianness(version) is >= 1 and <= 0xFF =>
                throw _cursor.Broken(at, "a big-endian GGUF file; only little-endian files can be read: convert it first"),
            _ => throw _cursor.Broken(at, $"GGUF version {version}; versions 2 and 3 can be read"),
        };
    }

    private void ReadEntry()
    {
        var at = _cursor.Position;
        var key = _cursor.ReadString("metadata key", GgufFormat.KeyBytesMax);
        if (key.Length == 0)
        {
            throw _cursor.Broken(at, "a metadata key is empty");
        }

        var valueAt = _cursor.Position;
        if (!Metadata.TryAdd(key, GgufValueReader.Read(_cursor)))
        {
            throw _cursor.Broken(at, $"metadata key {Printable.Quote(key)} occurs twice");
        }

        if (key == GgufFormat.AlignmentKey)
        {
            Alignment = Metadata.TryGet(key, out var value) && value.Type == GgufValueType.UInt32 && BitOperations.IsPow2((uint)value.Bits)
                ? (long)value.Bits
                : throw _cursor.Broken(
                    valueAt, $"{key} is {Printable.Quote(value.ToString())} ({value.Type}); it must be a UInt32 and a power of two");
        }
    }

    private void ReadTensors(long count)
    {
        var headers = ImmutableArray.CreateBuilder<TensorHeader>();
        for (var i = 0L; i < count; i++)
        {
            headers.Add(ReadTensorHeader());
        }

        var end = _cursor.Position;
        var dataStart = (end + Alignment - 1) / Alignment * Alignment;
        if (count > 0 && dataStart > content.Length)
        {
            throw _cursor.Broken(end, $"the file ends where tensor data should begin, at byte {dataStart}");
        }

        var tensors = ImmutableArray.CreateBuilder<GgufTensor>(headers.Count);
        foreach (var header in headers)
        {
            tensors.Add(Place(header, dataStart));
        }

        Tensors = tensors.MoveToImmutable();
        CheckOverlap();
    }

    private TensorHeader ReadTensorHeader()
    {
        var at = _cursor.Position;
        var tensor = _cursor.ReadString("tensor name", GgufFormat.TensorNameBytesMax);
        if (tensor.Length == 0)
        {
            throw _cursor.Broken(at, "a tensor name is empty");
        }

        var dimensionsAt = _cursor.Position;
        var dimensionCount = _cursor.ReadUInt32();
        if (dimensionCount > GgufFormat.DimensionsMax)
        {
            throw _cursor.Broken(
                dimensionsAt,
                $"tensor {Printable.Quote(tensor)} has {dimensionCount} dimensions; at most {GgufFormat.DimensionsMax} are allowed");
        }

        var dimensions = ImmutableArray.CreateBuilder<long>((int)dimensionCount);
        for (var i = 0; i < dimensionCount; i++)
        {
            var dimensionAt = _cursor.Position;
            var dimension = _cursor.ReadUInt64();
            dimensions.Add(dimension is > 0 and <= long.MaxValue
                ? (long)dimension
                : throw _cursor.Broken(
                    dimensionAt, $"dimension {i} of tensor {Printable.Quote(tensor)} is {dimension}; it must lie in 1 … 2⁶³ − 1"));
        }

        var typeAt = _cursor.Position;
        var type = (GgmlType)_cursor.ReadUInt32();
        if (!GgmlTypeInfo.IsKnown(type))
        {
            throw _cursor.Broken(typeAt, $"tensor {Printable.Quote(tensor)} has the unknown type {(uint)type}");
        }

        var shape = dimensions.MoveToImmutable();
        var bytes = GgufFormat.TryTensorBytes(type, shape, out var problem)
            ?? throw _cursor.Broken(dimensionsAt, $"tensor {Printable.Quote(tensor)}: {problem}");
        var offsetAt = _cursor.Position;
        return new(tensor, shape, type, bytes, _cursor.ReadUInt64(), at, offsetAt);
    }

    private GgufTensor Place(TensorHeader header, long dataStart)
    {
        if (header.Offset % (ulong)Alignment != 0)
        {
            throw _cursor.Broken(
                header.OffsetAt,
                $"tensor {Printable.Quote(header.Name)} starts at data offset {header.Offset}, no multiple of the alignment {Alignment}");
        }

        var dataLength = content.Length - dataStart;
        if (header.Bytes > dataLength || header.Offset > (ulong)(dataLength - header.Bytes))
        {
            throw _cursor.Broken(
                header.OffsetAt,
                $"tensor {Printable.Quote(header.Name)} needs {header.Bytes} bytes at data offset {header.Offset}, "
                + $"but the file holds only {dataLength} bytes of data");
        }

        var tensor = new GgufTensor(header.Name, header.Dimensions, header.Type, dataStart + (long)header.Offset, header.Bytes);
        return TensorsByName.TryAdd(header.Name, tensor)
            ? tensor
            : throw _cursor.Broken(header.At, $"tensor {Printable.Quote(header.Name)} occurs twice");
    }

    private void CheckOverlap()
    {
        GgufTensor? before = null;
        foreach (var tensor in Tensors.OrderBy(t => t.Offset))
        {
            if (before is not null && before.Offset + before.ByteLength > tensor.Offset)
            {
                throw _cursor.Broken(
                    tensor.Offset, $"the data of tensors {Printable.Quote(before.Name)} and {Printable.Quote(tensor.Name)} overlap");
            }

            before = tensor;
        }
    }

    private sealed record TensorHeader(
        string Name, ImmutableArray<long> Dimensions, GgmlType Type, long Bytes, ulong Offset, long At, long OffsetAt);
}
