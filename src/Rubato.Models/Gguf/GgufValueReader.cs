using System.Runtime.InteropServices;

namespace Rubato.Models.Gguf;

/// <summary>Reads one typed metadata value; arrays may nest to a fixed depth, so that no file can exhaust the stack.</summary>
internal static class GgufValueReader
{
    private const int StringBytesMin = 8;
    private const int ArrayBytesMin = 12;

    internal static GgufValue Read(GgufCursor cursor)
    {
        var at = cursor.Position;
        var type = (GgufValueType)cursor.ReadUInt32();
        return type switch
        {
            GgufValueType.UInt8 => cursor.ReadByte(),
            GgufValueType.Int8 => unchecked((sbyte)cursor.ReadByte()),
            GgufValueType.UInt16 => cursor.ReadUInt16(),
            GgufValueType.Int16 => unchecked((short)cursor.ReadUInt16()),
            GgufValueType.UInt32 => cursor.ReadUInt32(),
            GgufValueType.Int32 => unchecked((int)cursor.ReadUInt32()),
            GgufValueType.UInt64 => cursor.ReadUInt64(),
            GgufValueType.Int64 => unchecked((long)cursor.ReadUInt64()),
            GgufValueType.Float32 => BitConverter.UInt32BitsToSingle(cursor.ReadUInt32()),
            GgufValueType.Float64 => BitConverter.UInt64BitsToDouble(cursor.ReadUInt64()),
            GgufValueType.Boolean => ReadBoolean(cursor),
            GgufValueType.String => cursor.ReadString("string", int.MaxValue),
            GgufValueType.Array => ReadArray(cursor, depth: 1),
            _ => throw cursor.Broken(at, $"unknown metadata type {(uint)type}"),
        };
    }

    private static GgufArray ReadArray(GgufCursor cursor, int depth)
    {
        var at = cursor.Position;
        if (depth > GgufFormat.ArrayDepthMax)
        {
            throw cursor.Broken(at, $"arrays nest deeper than {GgufFormat.ArrayDepthMax}");
        }

        var type = (GgufValueType)cursor.ReadUInt32();
        return type switch
        {
            GgufValueType.UInt8 => Numbers<byte>(cursor),
            GgufValueType.Int8 => Numbers<sbyte>(cursor),
            GgufValueType.UInt16 => Numbers<ushort>(cursor),
            GgufValueType.Int16 => Numbers<short>(cursor),
            GgufValueType.UInt32 => Numbers<uint>(cursor),
            GgufValueType.Int32 => Numbers<int>(cursor),
            GgufValueType.UInt64 => Numbers<ulong>(cursor),
            GgufValueType.Int64 => Numbers<long>(cursor),
            GgufValueType.Float32 => Numbers<float>(cursor),
            GgufValueType.Float64 => Numbers<double>(cursor),
            GgufValueType.Boolean => Items(cursor, 1, ReadBoolean),
            GgufValueType.String => Items(cursor, StringBytesMin, static c => c.ReadString("string", int.MaxValue)),
            GgufValueType.Array => Items(cursor, ArrayBytesMin, c => ReadArray(c, depth + 1)),
            _ => throw cursor.Broken(at, $"unknown metadata type {(uint)type}"),
        };
    }

    private static GgufArray<T> Numbers<T>(GgufCursor cursor)
        where T : unmanaged => GgufArray.Of(ImmutableCollectionsMarshal.AsImmutableArray(cursor.ReadNumbers<T>()));

    private static GgufArray<T> Items<T>(GgufCursor cursor, int bytesEach, Func<GgufCursor, T> read)
        where T : notnull
    {
        var at = cursor.Position;
        var count = cursor.ReadCount("array elements", bytesEach);
        cursor.CountObjects(at, count);
        var items = new T[count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(cursor);
        }

        return GgufArray.Of(ImmutableCollectionsMarshal.AsImmutableArray(items));
    }

    private static bool ReadBoolean(GgufCursor cursor)
    {
        var at = cursor.Position;
        var value = cursor.ReadByte();
        return value <= 1 ? value == 1 : throw cursor.Broken(at, $"a boolean is {value}; it must be 0 or 1");
    }
}
