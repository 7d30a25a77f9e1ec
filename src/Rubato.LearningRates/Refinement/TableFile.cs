using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.LearningRates.Profiles;

namespace Rubato.LearningRates.Refinement;

/// <summary>A table of multipliers in binary: 16 bytes (magic RBLR, version 1, count as int64), then float64 values; little-endian. Loads a million steps in milliseconds.</summary>
public static class TableFile
{
    private const int HeaderBytes = 16;
    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "RBLR"u8;

    /// <summary>Whether a file that begins with <paramref name="start"/> is one of these.</summary>
    public static bool Matches(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <summary>Writes the values of <paramref name="table"/>, bit for bit.</summary>
    public static void Write(Stream stream, TableProfile table)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(table);
        Span<byte> header = stackalloc byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], table.Values.Count);
        stream.Write(header);
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(table.Values.Items));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(double)];
        foreach (var value in table.Values.Items)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">The bytes are something else, another version, or more or fewer than the header says.</exception>
    /// <exception cref="InvalidOptionException">A value is not a number of at least 0.</exception>
    public static TableProfile Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < HeaderBytes || !Matches(bytes) || BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) != Version)
        {
            throw new InvalidFormatException($"{name}: does not begin with the header of a schedule table, version {Version}.");
        }

        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        var body = bytes[HeaderBytes..];
        if (body.Length % sizeof(double) != 0 || count != body.Length / sizeof(double))
        {
            throw new InvalidFormatException($"{name}: announces {count} values but holds {body.Length} bytes, {sizeof(double)} a value.");
        }

        var values = new double[count];
        if (BitConverter.IsLittleEndian)
        {
            body.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return new(new(values));
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(body[(i * sizeof(double))..]);
        }

        return new(new(values));
    }
}
