using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Models.Gguf;

/// <summary>A position in the bytes of a GGUF file; every read is checked against the end of the file first.</summary>
internal sealed class GgufCursor(string name, MemoryRegion content)
{
    private int _objects;

    internal long Position { get; private set; }

    internal void Skip(int bytes) => Take(bytes);

    internal byte ReadByte() => Take(1)[0];

    internal ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    internal uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    internal ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A 64-bit count of things that take at least <paramref name="bytesEach"/> bytes each in the rest of the file.</summary>
    internal long ReadCount(string what, int bytesEach)
    {
        var at = Position;
        var count = ReadUInt64();
        return Fits(count, bytesEach) ? (long)count : throw Overlong(at, count, what);
    }

    internal string ReadString(string what, int bytesMax)
    {
        var at = Position;
        var length = ReadUInt64();
        if (!Fits(length, 1))
        {
            throw Overlong(at, length, $"bytes of {what}");
        }

        if (length > (ulong)bytesMax)
        {
            throw Broken(at, $"a {what} of {length} bytes; at most {bytesMax} are allowed");
        }

        var bytes = Take((int)length);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Broken(at, $"a {what} is not valid UTF-8");
    }

    /// <summary>An array of numbers with its 64-bit count.</summary>
    internal T[] ReadNumbers<T>()
        where T : unmanaged
    {
        var at = Position;
        var count = ReadCount("array elements", Unsafe.SizeOf<T>());
        if (count > int.MaxValue / Unsafe.SizeOf<T>())
        {
            throw Broken(at, $"an array of {count} numbers; at most 2³¹ − 1 bytes are allowed");
        }

        return MemoryMarshal.Cast<byte, T>(Take((int)count * Unsafe.SizeOf<T>())).ToArray();
    }

    /// <summary>Counts elements that become objects before they are made.</summary>
    internal void CountObjects(long at, long count)
    {
        if (count > GgufFormat.ObjectsMax - _objects)
        {
            throw Broken(at, $"the metadata's arrays hold more than {GgufFormat.ObjectsMax} strings, booleans and arrays");
        }

        _objects += (int)count;
    }

    internal InvalidFormatException Broken(long at, string rule) => new($"{name}: byte {at}: {rule}.");

    private InvalidFormatException Overlong(long at, ulong count, string what) =>
        Broken(at, $"{count} {what} do not fit in the {content.Length - Position} bytes that follow");

    private bool Fits(ulong count, int bytesEach) => count <= (ulong)((content.Length - Position) / bytesEach);

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > content.Length - Position)
        {
            throw Broken(Position, $"the file ends here, in the middle of a value of {bytes} bytes");
        }

        if (Position + bytes > GgufFormat.HeadBytesMax)
        {
            throw Broken(Position, $"the metadata and the list of tensors take more than {GgufFormat.HeadBytesMax} bytes");
        }

        var taken = content.Slice(Position, bytes);
        Position += bytes;
        return taken;
    }
}
