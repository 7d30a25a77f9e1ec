namespace Rubato.Serving.Memory.Arenas;

/// <summary>Consecutive blocks of one arena.</summary>
/// <param name="Start">The first, from 0.</param>
/// <param name="Count">How many; at least 1.</param>
public readonly record struct BlockRun(int Start, int Count)
{
    /// <summary>The block behind the last.</summary>
    public int End => Start + Count;

    /// <inheritdoc/>
    public override string ToString() => $"{Start}…{End - 1}";
}
