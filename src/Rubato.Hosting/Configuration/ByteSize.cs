using System.Globalization;
using Rubato.Core;

namespace Rubato.Hosting.Configuration;

/// <summary>Amounts of memory as people write them: 1GiB, 512MiB, 1.5GB, 4096.</summary>
public static class ByteSize
{
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1), ("", 1),
    ];

    /// <summary>Reads an amount; the case of the unit does not matter, no unit means bytes.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="option">The option it was written for, for the message.</param>
    /// <returns>Bytes, at least 1; a fraction of one is dropped.</returns>
    /// <exception cref="InvalidOptionException">It is no amount, not above zero, or more than 63 bits hold.</exception>
    public static long Parse(string text, string option)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var (name, factor) in Units)
        {
            if (!text.EndsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            return decimal.TryParse(text.AsSpan(0, text.Length - name.Length).TrimEnd(' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number > 0 && number <= long.MaxValue / factor && number * factor >= 1
                ? (long)(number * factor)
                : throw Unreadable(text, option);
        }

        throw Unreadable(text, option);
    }

    /// <summary>The amount in the largest binary unit that leaves one or more of it, with at most one decimal.</summary>
    public static string Format(long bytes)
    {
        foreach (var (name, factor) in Units.AsSpan(0, 4))
        {
            if (bytes >= factor)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / factor:0.#}{name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}B");
    }

    private static InvalidOptionException Unreadable(string text, string option) =>
        new($"{option}: '{text}' is no amount of memory: write a number above zero and a unit, such as 512MiB, 4GiB or 1GB.");
}
