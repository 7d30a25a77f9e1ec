namespace Rubato.Serving.Memory.Arenas;

/// <summary>Consecutive blocks that one owner was given together.</summary>
/// <param name="Start">The first.</param>
/// <param name="Capacity">Used and spare ones.</param>
/// <param name="Used">The first so many are used, at least 1; the others are spare.</param>
internal readonly record struct BlockGroup(int Start, int Capacity, int Used)
{
    public int UsedEnd => Start + Used;

    public int End => Start + Capacity;

    public int Spare => Capacity - Used;

    public override string ToString() => $"[{Start},{Capacity},{Used}]";
}
