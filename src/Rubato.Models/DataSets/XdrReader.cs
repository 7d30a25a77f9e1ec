using System.Buffers.Binary;
using System.Text;
using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>Reads big-endian numbers, never beyond the end.</summary>
internal sealed class XdrReader(byte[] bytes, int start, string name)
{
    public int Position { get; private set; } = start;

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    /// <summary>A count of items that take at least <paramref name="itemBytes"/> each: more than can follow is refused before memory is taken.</summary>
    public int Count(int itemBytes)
    {
        var count = Int32();
        return count >= 0 && (long)count * itemBytes <= bytes.Length - Position
            ? count
            : throw Fail($"announces {count} items where {bytes.Length - Position} bytes are left");
    }

    public double[] Doubles()
    {
        var values = new double[Count(8)];
        foreach (ref var value in values.AsSpan())
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
        }

        return values;
    }

    public int[] Int32s()
    {
        var values = new int[Count(4)];
        foreach (ref var value in values.AsSpan())
        {
            value = Int32();
        }

        return values;
    }

    public string Text(int length) => Encoding.UTF8.GetString(Take(length));

    public InvalidFormatException Fail(string problem) => new($"{name}: at byte {Position} of the plain data: {problem}.");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > bytes.Length - Position)
        {
            throw Fail($"ends where {length} more bytes should follow");
        }

        Position += length;
        return bytes.AsSpan(Position - length, length);
    }
}
