using Rubato.Core;
using Rubato.Hosting.Configuration;

namespace Rubato.Hosting.Transfers;

/// <summary>Where the keys and values of preempted and resting conversations go.</summary>
public enum SwapTierKind
{
    /// <summary>Nowhere: they are computed again.</summary>
    None,

    /// <summary>To memory beside that of the running ones.</summary>
    Ram,

    /// <summary>To a file that nobody else sees and that is gone when the process ends.</summary>
    File,
}

/// <summary>A tier and its size, as the option <c>--swap</c> says them.</summary>
/// <param name="Kind">Which tier.</param>
/// <param name="Bytes">Its size; 0 for none.</param>
/// <param name="Path">The file, or a folder to put one into; null unless it is a file tier.</param>
public sealed record SwapTierOptions(SwapTierKind Kind, long Bytes = 0, string? Path = null)
{
    private const string Forms = "write ram:SIZE, file:PATH:SIZE or none, such as ram:1GiB or file:/var/tmp:4GiB";

    /// <summary>No tier.</summary>
    public static SwapTierOptions None { get; } = new(SwapTierKind.None);

    /// <summary>Reads <c>ram:1GiB</c>, <c>file:PATH:4GiB</c> or <c>none</c>. The path may hold colons: the size stands behind the last one.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="option">The option it was written for, for the message.</param>
    /// <exception cref="InvalidOptionException">It has none of these forms, or the size is no size.</exception>
    public static SwapTierOptions Parse(string text, string option = "--swap")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "none")
        {
            return None;
        }

        var (first, last) = (text.IndexOf(':', StringComparison.Ordinal), text.LastIndexOf(':'));
        return (first < 0 ? text : text[..first]) switch
        {
            "ram" when first > 0 => new(SwapTierKind.Ram, ByteSize.Parse(text[(first + 1)..], option)),
            "file" when last > first + 1 && !text.Contains('\0', StringComparison.Ordinal) =>
                new(SwapTierKind.File, ByteSize.Parse(text[(last + 1)..], option), text[(first + 1)..last]),
            _ => throw new InvalidOptionException($"{option}: '{text}' names no tier: {Forms}."),
        };
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Kind switch
    {
        SwapTierKind.Ram => $"ram:{Bytes}B",
        SwapTierKind.File => $"file:{Path}:{Bytes}B",
        _ => "none",
    };
}
