namespace Rubato.Simulation.Serving.Granularity;

/// <summary>One allocator over all occupancies of a <see cref="GranularityTable"/>.</summary>
/// <param name="Name">Allocator, group sizes and how they shrink, for people.</param>
/// <param name="Allocator">The allocator's name.</param>
/// <param name="Groups">The group sizes.</param>
/// <param name="MeanRunBlocks">Blocks per copy, by occupancy.</param>
/// <param name="ReservedShare">The spare share of the device arena, by occupancy.</param>
public sealed record GranularityRow(
    string Name, string Allocator, string Groups, IReadOnlyList<double> MeanRunBlocks, IReadOnlyList<double> ReservedShare);
