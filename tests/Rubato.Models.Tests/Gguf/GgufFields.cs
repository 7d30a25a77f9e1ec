using System.Buffers.Binary;
using System.Text;

namespace Rubato.Models.Tests.Gguf;

/// <summary>A field of a GGUF file: where a mutation can hurt.</summary>
/// <param name="Name">What it is, with the key or tensor that it belongs to.</param>
/// <param name="Position">First byte.</param>
/// <param name="Size">Bytes: 4 and 8 are integers, except for texts and values.</param>
internal readonly record struct GgufField(string Name, int Position, int Size);

/// <summary>Finds the fields of a valid file. Written apart from the reader under test, so that the two check each other.</summary>
internal sealed class GgufFields
{
    private readonly byte[] _bytes;
    private readonly List<GgufField> _fields = [];
    private int _position;

    private GgufFields(byte[] bytes) => _bytes = bytes;

    internal static List<GgufField> Of(byte[] valid)
    {
        var scan = new GgufFields(valid);
        scan.Take("magic", 4);
        scan.Integer("version", 4);
        var tensors = scan.Integer("tensor count", 8);
        var entries = scan.Integer("entry count", 8);
        for (var i = 0UL; i < entries; i++)
        {
            var key = scan.Text("key", "");
            scan.Value(scan.Integer($"type:{key}", 4), key);
        }

        for (var i = 0UL; i < tensors; i++)
        {
            scan.Tensor();
        }

        return scan._fields;
    }

    /// <summary>A copy of <paramref name="valid"/> with another number in the field called <paramref name="name"/>.</summary>
    internal static byte[] With(byte[] valid, string name, ulong value)
    {
        var field = Of(valid).Single(f => f.Name == name);
        var changed = (byte[])valid.Clone();
        Put(changed, field, value);
        return changed;
    }

    internal static void Put(byte[] bytes, GgufField field, ulong value)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        number[..Math.Min(8, field.Size)].CopyTo(bytes.AsSpan(field.Position));
    }

    private void Tensor()
    {
        var name = Text("name", "");
        var dimensions = Integer($"dimension count:{name}", 4);
        for (var i = 0UL; i < dimensions; i++)
        {
            Integer($"dimension {i}:{name}", 8);
        }

        Integer($"ggml type:{name}", 4);
        Integer($"offset:{name}", 8);
    }

    private void Value(ulong type, string key)
    {
        switch (type)
        {
            case 8:
                Text("text", key);
                break;
            case 9:
                var element = Integer($"element type:{key}", 4);
                var count = Integer($"count:{key}", 8);
                for (var i = 0UL; i < count; i++)
                {
                    Value(element, $"{key}[{i}]");
                }

                break;
            default:
                Take($"value:{key}", type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 });
                break;
        }
    }

    private string Text(string what, string owner)
    {
        var bytes = BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_position));
        var text = Encoding.UTF8.GetString(_bytes, _position + 8, (int)bytes);
        var name = owner.Length == 0 ? text : owner;
        Integer($"{what} length:{name}", 8);
        Take($"{what}:{name}", (int)bytes);
        return text;
    }

    private ulong Integer(string name, int size)
    {
        var at = Take(name, size);
        return size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt64LittleEndian(at);
    }

    private ReadOnlySpan<byte> Take(string name, int size)
    {
        _fields.Add(new(name, _position, size));
        _position += size;
        return _bytes.AsSpan(_position - size, size);
    }
}
