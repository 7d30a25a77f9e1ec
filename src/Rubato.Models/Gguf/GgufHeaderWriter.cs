using System.Text;

namespace Rubato.Models.Gguf;

/// <summary>Lays out everything before the tensor data: header, metadata, tensor list.</summary>
internal static class GgufHeaderWriter
{
    internal static byte[] Write(GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(GgufFormat.Magic);
        writer.Write(GgufFormat.Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach (var (key, value) in metadata)
        {
            WriteText(writer, key);
            writer.Write((uint)value.Type);
            WriteValue(writer, value);
        }

        var offset = 0L;
        foreach (var tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Dimensions.Length);
            foreach (var dimension in tensor.Dimensions)
            {
                writer.Write(dimension);
            }

            writer.Write((uint)tensor.Type);
            writer.Write(offset);
            offset += tensor.ByteLength + (-tensor.ByteLength & (GgufFormat.AlignmentDefault - 1));
        }

        writer.Flush();
        return bytes.ToArray();
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteValue(BinaryWriter writer, GgufValue value)
    {
        switch (value.Type)
        {
            case GgufValueType.String:
                WriteText(writer, value.AsString!);
                break;
            case GgufValueType.Array:
                WriteArray(writer, value.AsArray!);
                break;
            case GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Boolean:
                writer.Write(unchecked((byte)value.Bits));
                break;
            case GgufValueType.UInt16 or GgufValueType.Int16:
                writer.Write(unchecked((ushort)value.Bits));
                break;
            case GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64:
                writer.Write(value.Bits);
                break;
            default:
                writer.Write(unchecked((uint)value.Bits));
                break;
        }
    }

    private static void WriteArray(BinaryWriter writer, GgufArray array)
    {
        writer.Write((uint)array.ElementType);
        writer.Write((ulong)array.Count);
        switch (array)
        {
            case GgufArray<byte> a: WriteEach(a, writer.Write); break;
            case GgufArray<sbyte> a: WriteEach(a, writer.Write); break;
            case GgufArray<ushort> a: WriteEach(a, writer.Write); break;
            case GgufArray<short> a: WriteEach(a, writer.Write); break;
            case GgufArray<uint> a: WriteEach(a, writer.Write); break;
            case GgufArray<int> a: WriteEach(a, writer.Write); break;
            case GgufArray<ulong> a: WriteEach(a, writer.Write); break;
            case GgufArray<long> a: WriteEach(a, writer.Write); break;
            case GgufArray<float> a: WriteEach(a, writer.Write); break;
            case GgufArray<double> a: WriteEach(a, writer.Write); break;
            case GgufArray<bool> a: WriteEach(a, writer.Write); break;
            case GgufArray<string> a: WriteEach(a, text => WriteText(writer, text)); break;
            case GgufArray<GgufArray> a: WriteEach(a, inner => WriteArray(writer, inner)); break;
        }
    }

    private static void WriteEach<T>(GgufArray<T> array, Action<T> write)
        where T : notnull
    {
        foreach (var item in array.Items)
        {
            write(item);
        }
    }
}
