namespace Rubato.Simulation.Serving.Granularity;

/// <summary>How finely contexts had to be copied.</summary>
/// <param name="Switches">Contexts moved, in and out.</param>
/// <param name="Blocks">Blocks moved.</param>
/// <param name="Copies">Runs of blocks that were consecutive in both arenas.</param>
/// <param name="Occupancy">The mean used share of the device arena, measured.</param>
/// <param name="ReservedShare">The mean spare share of the device arena.</param>
public sealed record GranularityResult(long Switches, long Blocks, long Copies, double Occupancy, double ReservedShare)
{
    /// <summary>Blocks per copy.</summary>
    public double MeanRunBlocks => (double)Blocks / Copies;
}
