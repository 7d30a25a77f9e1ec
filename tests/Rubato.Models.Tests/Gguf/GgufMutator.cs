using Rubato.Core;

namespace Rubato.Models.Tests.Gguf;

/// <summary>Makes hostile files from valid ones, knowing where the fields lie.</summary>
internal sealed class GgufMutator(Prng prng)
{
    internal static readonly string[] Kinds =
    [
        "truncate", "flip bits", "lie in a field", "swap fields", "cut bytes out", "double bytes", "break text", "nest arrays",
        "several at once",
    ];

    internal byte[] Mutate(int kind, byte[] valid, List<GgufField> fields) => kind switch
    {
        0 => valid[..CutPoint(valid, fields)],
        1 => FlipBits(valid),
        2 => Lie(valid, fields),
        3 => SwapFields(valid, fields),
        4 => CutOut(valid, fields),
        5 => Double(valid, fields),
        6 => BreakText(valid, fields),
        7 => Nest(valid, fields),
        _ => Several(valid, fields),
    };

    private byte[] Several(byte[] bytes, List<GgufField> fields)
    {
        for (var i = prng.NextInt32(2, 5); i > 0; i--)
        {
            // Lies first and cuts last: the fields stay where they were for as long as possible.
            bytes = Mutate(i > 1 ? prng.NextInt32(1, 4) : prng.NextInt32(Kinds.Length - 1), bytes, fields);
        }

        return bytes;
    }

    private byte[] FlipBits(byte[] valid)
    {
        var bytes = (byte[])valid.Clone();
        for (var i = prng.NextInt32(1, 9); i > 0; i--)
        {
            bytes[prng.NextInt32(bytes.Length)] ^= (byte)(1 << prng.NextInt32(8));
        }

        return bytes;
    }

    private byte[] Lie(byte[] valid, List<GgufField> fields)
    {
        var bytes = (byte[])valid.Clone();
        var numbers = fields.FindAll(f => f.Size is 4 or 8);
        var field = numbers[prng.NextInt32(numbers.Count)];
        var old = field.Size == 4 ? BitConverter.ToUInt32(bytes, field.Position) : BitConverter.ToUInt64(bytes, field.Position);
        GgufFields.Put(bytes, field, Number(old, (ulong)bytes.Length));
        return bytes;
    }

    /// <summary>Numbers at which readers break: small ones, edges of every width, the file's own size, neighbours of the truth.</summary>
    private ulong Number(ulong old, ulong size) => unchecked(prng.NextInt32(10) switch
    {
        0 => prng.NextBelow(20),
        1 => (1UL << prng.NextInt32(64)) - 1,
        2 => 1UL << prng.NextInt32(64),
        3 => (1UL << prng.NextInt32(64)) + 1,
        4 => 0UL - prng.NextBelow(40),
        5 => size / (1 + prng.NextBelow(16)) + prng.NextBelow(3) - 1,
        6 => old + prng.NextBelow(5) - 2,
        7 => old * (1 + prng.NextBelow(16)),
        8 => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(old),
        _ => prng.NextUInt64() >> prng.NextInt32(64),
    });

    private byte[] SwapFields(byte[] valid, List<GgufField> fields)
    {
        var bytes = (byte[])valid.Clone();
        var a = fields[prng.NextInt32(fields.Count)];
        var others = fields.FindAll(f => f.Size == a.Size);
        var b = others[prng.NextInt32(others.Count)];
        valid.AsSpan(a.Position, a.Size).CopyTo(bytes.AsSpan(b.Position));
        if (prng.Chance(1, 2))
        {
            valid.AsSpan(b.Position, a.Size).CopyTo(bytes.AsSpan(a.Position));
        }

        return bytes;
    }

    private byte[] CutOut(byte[] valid, List<GgufField> fields)
    {
        var (a, b) = Stretch(valid, fields);
        return [.. valid[..a], .. valid[b..]];
    }

    private byte[] Double(byte[] valid, List<GgufField> fields)
    {
        var (a, b) = Stretch(valid, fields);
        var at = CutPoint(valid, fields);
        return [.. valid[..at], .. valid[a..b], .. valid[at..]];
    }

    private byte[] BreakText(byte[] valid, List<GgufField> fields)
    {
        var bytes = (byte[])valid.Clone();
        var texts = fields.FindAll(f => f.Size > 0 && (f.Name.StartsWith("key:", StringComparison.Ordinal)
            || f.Name.StartsWith("text:", StringComparison.Ordinal) || f.Name.StartsWith("name:", StringComparison.Ordinal)));
        if (texts.Count == 0)
        {
            return FlipBits(valid);
        }

        var text = texts[prng.NextInt32(texts.Count)];
        byte[] bad = [0x80, 0xC0, 0xC1, 0xED, 0xF5, 0xFF, 0x00, 0x0A, 0x1B];
        bytes[text.Position + prng.NextInt32(text.Size)] = bad[prng.NextInt32(bad.Length)];
        return bytes;
    }

    /// <summary>Puts a value inside some layers of arrays of one element each.</summary>
    private byte[] Nest(byte[] valid, List<GgufField> fields)
    {
        var types = fields.FindAll(f => f.Name.StartsWith("type:", StringComparison.Ordinal));
        if (types.Count == 0)
        {
            return FlipBits(valid);
        }

        var type = types[prng.NextInt32(types.Count)];
        byte[] array = [9, 0, 0, 0];
        byte[] one = [1, 0, 0, 0, 0, 0, 0, 0];
        var layers = Enumerable.Repeat<byte[]>([.. array, .. one], prng.NextInt32(1, 9) - 1).SelectMany(layer => layer);
        var end = type.Position + type.Size;
        return [.. valid[..type.Position], .. array, .. layers, .. valid[type.Position..end], .. one, .. valid[end..]];
    }

    private (int From, int To) Stretch(byte[] bytes, List<GgufField> fields)
    {
        var (a, b) = (CutPoint(bytes, fields), CutPoint(bytes, fields));
        return (Math.Min(a, b), Math.Max(a, b));
    }

    /// <summary>A position near the edge of a field, or anywhere.</summary>
    private int CutPoint(byte[] bytes, List<GgufField> fields) => prng.Chance(3, 4)
        ? Math.Clamp(fields[prng.NextInt32(fields.Count)].Position + prng.NextInt32(3) - 1, 0, bytes.Length - 1)
        : prng.NextInt32(bytes.Length);
}
