using System.Collections.Immutable;

namespace Rubato.Models.Grammars.Patterns;

/// <summary>A set of Unicode scalar values, as rising ranges that do not touch. Surrogates are never in it.</summary>
internal readonly struct CharacterSet
{
    private const int Last = 0x10FFFF;
    private const int SurrogateFirst = 0xD800;
    private const int SurrogateLast = 0xDFFF;

    private readonly ImmutableArray<(int Low, int High)> _ranges;

    private CharacterSet(ImmutableArray<(int Low, int High)> ranges) => _ranges = ranges;

    public static CharacterSet All { get; } = Of((0, Last));

    public static CharacterSet Digits { get; } = Of(('0', '9'));

    public static CharacterSet WordCharacters { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary>White space as ECMAScript has it.</summary>
    public static CharacterSet WhiteSpace { get; } = Of(
        (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    public static CharacterSet LineEnds { get; } = Of((10, 10), (13, 13), (0x2028, 0x2029));

    public ImmutableArray<(int Low, int High)> Ranges => _ranges.IsDefault ? [] : _ranges;

    public bool IsEmpty => Ranges.IsEmpty;

    /// <summary>The set of ranges in any order; they may overlap.</summary>
    public static CharacterSet Of(params ReadOnlySpan<(int Low, int High)> ranges)
    {
        var sorted = ranges.ToArray();
        Array.Sort(sorted);
        var merged = new List<(int Low, int High)>();
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.Low <= merged[^1].High + 1)
            {
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, range.High));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new([.. merged.SelectMany(WithoutSurrogates)]);
    }

    public static CharacterSet Of(int character) => Of((character, character));

    public CharacterSet Union(CharacterSet other) => Of([.. Ranges, .. other.Ranges]);

    public CharacterSet Except(CharacterSet other) => Intersect(other.Complement());

    public CharacterSet Complement()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (low, high) in Ranges)
        {
            if (low > next)
            {
                gaps.Add((next, low - 1));
            }

            next = high + 1;
        }

        if (next <= Last)
        {
            gaps.Add((next, Last));
        }

        return Of([.. gaps]);
    }

    public CharacterSet Intersect(CharacterSet other)
    {
        var shared = new List<(int, int)>();
        var (i, j) = (0, 0);
        while (i < Ranges.Length && j < other.Ranges.Length)
        {
            var (a, b) = (Ranges[i], other.Ranges[j]);
            if (Math.Max(a.Low, b.Low) is var low && Math.Min(a.High, b.High) is var high && low <= high)
            {
                shared.Add((low, high));
            }

            _ = a.High < b.High ? i++ : j++;
        }

        return Of([.. shared]);
    }

    private static IEnumerable<(int Low, int High)> WithoutSurrogates((int Low, int High) range)
    {
        if (range.High < SurrogateFirst || range.Low > SurrogateLast)
        {
            yield return range;
            yield break;
        }

        if (range.Low < SurrogateFirst)
        {
            yield return (range.Low, SurrogateFirst - 1);
        }

        if (range.High > SurrogateLast)
        {
            yield return (SurrogateLast + 1, range.High);
        }
    }
}
