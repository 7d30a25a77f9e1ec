using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Gguf;

/// <summary>Draws metadata, tensors and floats of every kind that the format can hold.</summary>
internal sealed class RandomGguf(Prng prng)
{
    internal static readonly ImmutableArray<GgmlType> SupportedTypes =
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1,
        GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ4_NL,
    ];

    private static readonly string[] Alphabet = ["a", "Z", "0", ".", "_", "\0", "\n", "é", "߷", "€", "\u2028", "😀", "\uFFFD", "\uFFFF"];

    internal string Text(int lengthMax) =>
        string.Concat(Enumerable.Range(0, prng.NextInt32(lengthMax + 1)).Select(_ => Alphabet[prng.NextInt32(Alphabet.Length)]));

    internal GgufValue Value() => prng.NextInt32(13) switch
    {
        0 => unchecked((byte)prng.NextUInt64()),
        1 => unchecked((sbyte)prng.NextUInt64()),
        2 => unchecked((ushort)prng.NextUInt64()),
        3 => unchecked((short)prng.NextUInt64()),
        4 => unchecked((uint)prng.NextUInt64()),
        5 => unchecked((int)prng.NextUInt64()),
        6 => Single(),
        7 => prng.Chance(1, 2),
        8 => Text(20),
        9 => Array(depth: 1),
        10 => prng.NextUInt64(),
        11 => unchecked((long)prng.NextUInt64()),
        _ => BitConverter.UInt64BitsToDouble(prng.NextUInt64()),
    };

    internal GgufArray Array(int depth) => prng.NextInt32(depth < 4 ? 13 : 12) switch
    {
        0 => Items(() => unchecked((byte)prng.NextUInt64())),
        1 => Items(() => unchecked((sbyte)prng.NextUInt64())),
        2 => Items(() => unchecked((ushort)prng.NextUInt64())),
        3 => Items(() => unchecked((short)prng.NextUInt64())),
        4 => Items(() => unchecked((uint)prng.NextUInt64())),
        5 => Items(() => unchecked((int)prng.NextUInt64())),
        6 => Items(Single),
        7 => Items(() => prng.Chance(1, 2)),
        8 => Items(() => Text(6)),
        9 => Items(prng.NextUInt64),
        10 => Items(() => unchecked((long)prng.NextUInt64())),
        11 => Items(() => BitConverter.UInt64BitsToDouble(prng.NextUInt64())),
        _ => Items(() => Array(depth + 1)),
    };

    /// <summary>Any bit pattern: NaN, infinities, subnormals and both zeros included.</summary>
    internal float Single() => BitConverter.UInt32BitsToSingle(unchecked((uint)prng.NextUInt64()));

    /// <summary>Dimensions that the type allows; at most a few hundred values.</summary>
    internal ImmutableArray<long> Dimensions(GgmlType type)
    {
        var first = prng.NextInt32(1, 4) * type.BlockSize();
        return [first, .. Enumerable.Range(0, prng.NextInt32(4)).Select(_ => (long)prng.NextInt32(1, 4))];
    }

    /// <summary>Values that the type holds: anything, but for quantised types finite and in their range.</summary>
    internal float[] Values(GgmlType type, long count)
    {
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = type.IsQuantized() ? (float)(prng.NextDouble() - 0.5) * MathF.Pow(10, prng.NextInt32(-9, 6)) : Single();
        }

        return values;
    }

    private GgufArray<T> Items<T>(Func<T> draw)
        where T : notnull => GgufArray.Of<T>([.. Enumerable.Range(0, prng.NextInt32(5)).Select(_ => draw())]);
}
