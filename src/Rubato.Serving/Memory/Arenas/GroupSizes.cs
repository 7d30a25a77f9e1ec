using System.Globalization;
using Rubato.Core;
using Rubato.Serving.Journal;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>How many blocks an owner is given at once when it needs fewer: large groups move in few copies, and leave less to choose from.</summary>
/// <param name="Initial">The least when an owner without blocks gets its first (G0); 1…1,048,576.</param>
/// <param name="Growth">The least when an owner needs more than it was given (Gg); 1…1,048,576.</param>
public sealed record GroupSizes(int Initial = 16, int Growth = 4)
{
    /// <summary>The largest group that can be asked for.</summary>
    public const int Largest = 1 << 20;

    /// <summary>16/4, whatever is free.</summary>
    public static GroupSizes Default { get; } = new();

    /// <summary>Nothing is reserved while less than a tenth of the arena is free.</summary>
    public bool ShrinkUnderPressure { get; init; }

    /// <summary>The initial size falls with the free share of the arena, from <see cref="Initial"/> to no less than <see cref="Growth"/>.</summary>
    public bool ShrinkWithOccupancy { get; init; }

    /// <summary>Reads sizes as <c>G0/Gg</c>, <c>16/4</c> for example.</summary>
    /// <exception cref="InvalidOptionException">The text is something else, or a size is out of range.</exception>
    public static GroupSizes Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var initial)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var growth)
            ? new GroupSizes(initial, growth).Validated()
            : throw new InvalidOptionException($"Group sizes '{MessageText.OneLine(text)}' are not two whole numbers; write INITIAL/GROWTH, for example 16/4.");
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Initial}/{Growth}");

    internal GroupSizes Validated() =>
        Initial is >= 1 and <= Largest && Growth is >= 1 and <= Largest
            ? this
            : throw new InvalidOptionException($"Group sizes {this} are out of range; each is 1…{Largest}.");

    /// <summary>The least number of blocks to take now.</summary>
    internal int Least(bool first, int freeBlocks, int total)
    {
        if (ShrinkUnderPressure && freeBlocks * 10L < total)
        {
            return 1;
        }

        return first && ShrinkWithOccupancy && Initial > Growth
            ? Math.Max(Growth, (int)((long)Initial * freeBlocks / total))
            : first ? Initial : Growth;
    }
}
