using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Simulation.Serving.Granularity;

/// <summary>Blocks per copy of several allocators at several occupancies; medians over seeds.</summary>
/// <param name="Occupancies">Shares of the device arena that contexts fill.</param>
/// <param name="Rows">One per allocator.</param>
public sealed record GranularityTable(IReadOnlyList<double> Occupancies, IReadOnlyList<GranularityRow> Rows)
{
    private const int Seeds = 3;
    private static readonly double[] Columns = [0.6, 0.8, 0.9, 0.97];

    /// <summary>The allocators that the documentation compares.</summary>
    /// <param name="seed">Drawn from this.</param>
    public static GranularityTable Compare(ulong seed) => new(
        Columns,
        [
            Row("groups 60/16", BlockAllocators.Groups, new(60, 16), seed),
            Row("groups 60/16, initial size shrinking", BlockAllocators.Groups, new(60, 16) { ShrinkWithOccupancy = true }, seed),
            Row("groups 60/16, 1/1 under pressure", BlockAllocators.Groups, new(60, 16) { ShrinkUnderPressure = true }, seed),
            Row("groups 16/4", BlockAllocators.Groups, new(16, 4), seed),
            Row("groups 16/4, 1/1 under pressure", BlockAllocators.Groups, new(16, 4) { ShrinkUnderPressure = true }, seed),
            Row("groups 1/1", BlockAllocators.Groups, new(1, 1), seed),
            Row("buddy 16/4", BlockAllocators.Buddy, new(16, 4), seed),
            Row("stack", BlockAllocators.Stack, new(1, 1), seed),
        ]);

    /// <summary>One size of groups.</summary>
    public static GranularityTable Of(GroupSizes groups, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return new(Columns, [Row($"groups {groups}", BlockAllocators.Groups, groups, seed)]);
    }

    private static GranularityRow Row(string name, string allocator, GroupSizes groups, ulong seed)
    {
        var cells = Columns
            .Select(occupancy => Enumerable.Range(0, Seeds)
                .Select(index => GranularityStudy.Run(new()
                {
                    Allocator = allocator,
                    Groups = groups,
                    Occupancy = occupancy,
                    Seed = Prng.Mix(seed, (ulong)index),
                }))
                .OrderBy(result => result.MeanRunBlocks)
                .ElementAt(Seeds / 2))
            .ToArray();
        return new(
            name, allocator, groups.ToString(), [.. cells.Select(cell => cell.MeanRunBlocks)], [.. cells.Select(cell => cell.ReservedShare)]);
    }
}
