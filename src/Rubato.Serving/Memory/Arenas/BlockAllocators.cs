using Rubato.Core;
using Rubato.Serving.Journal;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>The block allocators by name.</summary>
public static class BlockAllocators
{
    /// <summary>Block groups of any size: the default.</summary>
    public const string Groups = "groups";

    /// <summary>Groups of powers of two from a buddy system.</summary>
    public const string Buddy = "buddy";

    /// <summary>Single blocks, the last freed first: what vLLM did.</summary>
    public const string Stack = "stack";

    /// <summary>The most blocks of an arena.</summary>
    public const int BlocksMax = 1 << 24;

    /// <summary>All names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [Groups, Buddy, Stack];

    /// <summary>An allocator for an arena of free blocks.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="total">Blocks in the arena, 1…<see cref="BlocksMax"/>.</param>
    /// <param name="sizes">Of the groups; <see cref="GroupSizes.Default"/> when null. Buddies round them up to powers of two; the stack has none.</param>
    /// <exception cref="InvalidOptionException">The name is not known, or a number is out of range.</exception>
    public static IBlockAllocator Create(string name, int total, GroupSizes? sizes = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (total is < 1 or > BlocksMax)
        {
            throw new InvalidOptionException($"An arena of {total} blocks is out of range; it has 1…{BlocksMax}.");
        }

        var validated = (sizes ?? GroupSizes.Default).Validated();
        return name switch
        {
            Groups => new GroupAllocator(total, validated),
            Buddy => new BuddyAllocator(total, validated),
            Stack => new StackAllocator(total),
            _ => throw new InvalidOptionException(
                $"The block allocator '{MessageText.OneLine(name)}' is not known; use one of: {string.Join(", ", Names)}."),
        };
    }
}
