namespace Rubato.Models.Grammars.Masks;

/// <summary>A set of ASCII characters.</summary>
internal readonly record struct PlainCharacters(ulong Low, ulong High)
{
    /// <summary>What stands for itself in a JSON string.</summary>
    public static PlainCharacters Json { get; } = Of([.. Enumerable.Range(0x20, 0x60).Select(unit => (byte)unit).Where(unit => unit is not ((byte)'"' or (byte)'\\'))]);

    public static PlainCharacters Of(ReadOnlySpan<byte> units)
    {
        var set = default(PlainCharacters);
        foreach (var unit in units)
        {
            set = unit < 64 ? set with { Low = set.Low | (1UL << unit) }
                : unit < 128 ? set with { High = set.High | (1UL << (unit - 64)) }
                : set;
        }

        return set;
    }

    public PlainCharacters Except(PlainCharacters other) => new(Low & ~other.Low, High & ~other.High);

    public bool Contains(byte unit) => unit < 64 ? (Low >> unit & 1) != 0 : unit < 128 && (High >> (unit - 64) & 1) != 0;
}
