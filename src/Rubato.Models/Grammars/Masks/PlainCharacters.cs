namespace Rubato.Models.Grammars.Masks;

/// <summary>A set of characters: some of ASCII, and all or none of the others.</summary>
/// <param name="Low">The characters 0 to 63, a bit each.</param>
/// <param name="High">The characters 64 to 127.</param>
/// <param name="HasLong">Whether the characters beyond ASCII are in the set.</param>
internal readonly record struct PlainCharacters(ulong Low, ulong High, bool HasLong)
{
    /// <summary>What stands for itself in a JSON string.</summary>
    public static PlainCharacters Text { get; } =
        Of([.. Enumerable.Range(0x20, 0x60).Select(unit => (byte)unit).Where(unit => unit is not ((byte)'"' or (byte)'\\'))]) with { HasLong = true };

    /// <summary>ASCII letters and digits.</summary>
    public static PlainCharacters Word { get; } = Of([.. Enumerable.Range(0, 128).Select(unit => (byte)unit).Where(unit => char.IsAsciiLetterOrDigit((char)unit))]);

    /// <summary>Small ASCII letters.</summary>
    public static PlainCharacters Small { get; } = Of([.. Enumerable.Range('a', 26).Select(unit => (byte)unit)]);

    /// <summary>These ASCII characters; bytes beyond ASCII are passed over.</summary>
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

    /// <summary>The set without some ASCII characters.</summary>
    public PlainCharacters Except(PlainCharacters other) => this with { Low = Low & ~other.Low, High = High & ~other.High };

    /// <summary>Whether an ASCII character is in the set.</summary>
    public bool Contains(byte unit) => unit < 64 ? (Low >> unit & 1) != 0 : unit < 128 && (High >> (unit - 64) & 1) != 0;
}
