namespace Rubato.Hosting.Transfers.Benchmarks;

/// <summary>What it takes to move one conversation out and in again, by where its blocks lie.</summary>
/// <param name="Blocks">Blocks that were moved each way.</param>
/// <param name="Planes">Pieces that a block is cut into.</param>
/// <param name="PieceBytes">Bytes of a block in one plane.</param>
/// <param name="Bytes">Bytes that were moved each way, without padding.</param>
/// <param name="Manner">How the tier copies.</param>
/// <param name="BlockByBlock">Each block alone, on the device and in the tier: what a free list gives after a while.</param>
/// <param name="Gathered">Scattered on the device, neighbours in the tier: a file takes them in one vectored call.</param>
/// <param name="Groups">Neighbours in groups on both sides.</param>
public sealed record SwitchResult(
    int Blocks, int Planes, long PieceBytes, long Bytes, string Manner, SwitchTimes BlockByBlock, SwitchTimes Gathered, SwitchTimes Groups)
{
    /// <summary>How many times as long a switch takes block by block as in groups, out and in together, of the medians.</summary>
    public double GroupSpeedup => BlockByBlock.Both.Median / Groups.Both.Median;
}

/// <summary>Switches of one kind.</summary>
/// <param name="Out">Seconds to move out.</param>
/// <param name="In">Seconds to move in.</param>
/// <param name="Both">Seconds of both together.</param>
/// <param name="Copies">Copies each way: runs times planes.</param>
/// <param name="CallsOut">Copies of memory, or calls of the operating system, that they took on the way out: slices end at a mebibyte.</param>
/// <param name="CallsIn">The same on the way in.</param>
/// <param name="Runs">Runs each way.</param>
public sealed record SwitchTimes(Spread Out, Spread In, Spread Both, long Copies, long CallsOut, long CallsIn, int Runs);

/// <summary>Median and range of a measurement.</summary>
/// <param name="Median">The middle one, or the mean of the two in the middle.</param>
/// <param name="Lowest">The least.</param>
/// <param name="Highest">The greatest.</param>
public readonly record struct Spread(double Median, double Lowest, double Highest)
{
    /// <summary>Of at least one number.</summary>
    public static Spread Of(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return new((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
