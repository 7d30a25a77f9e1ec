using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Links;

/// <summary>What moving blocks between the two arenas costs.</summary>
/// <remarks>
/// A plan of R runs and n blocks takes P·R·t0 + P·n·c / B: every run is one call in each of P planes, and a block has c bytes in each. Layer-major
/// memory has 2 planes for every layer, block-major memory has one.
/// </remarks>
public sealed record LinkProfile
{
    /// <summary>Device arena to swap arena.</summary>
    public required ChannelProfile Out { get; init; }

    /// <summary>Swap arena to device arena.</summary>
    public required ChannelProfile In { get; init; }

    /// <summary>Share of its bandwidth that a direction keeps while the other one runs too; in (0, 1].</summary>
    public double DuplexFactor { get; init; } = 1;

    /// <summary>P: separate arrays that a block lies in; at least 1.</summary>
    public required int Planes { get; init; }

    /// <summary>c: bytes of one block in one plane; at least 1.</summary>
    public required long PlaneBytes { get; init; }

    /// <summary>Bytes of a block over all planes.</summary>
    public long BlockBytes => Planes * PlaneBytes;

    /// <summary>The same memory with all planes of a block side by side.</summary>
    public LinkProfile AsBlockMajor() => this with { Planes = 1, PlaneBytes = BlockBytes };

    /// <summary>The same memory, and copies that cost nothing: the oracle.</summary>
    public LinkProfile AsZeroCost() => this with { Out = ChannelProfile.Free, In = ChannelProfile.Free, DuplexFactor = 1 };

    /// <summary>The channel of a direction.</summary>
    public ChannelProfile Channel(TransferDirection direction) => direction == TransferDirection.Out ? Out : In;

    /// <summary>Time of the calls of a plan: P·R·t0, in seconds.</summary>
    /// <param name="direction">Which way.</param>
    /// <param name="runs">R; not a whole number where a mean length is assumed.</param>
    public double CallSeconds(TransferDirection direction, double runs) => Planes * runs * Channel(direction).CallSeconds;

    /// <summary>Time of the bytes of a plan: P·n·c / B, in seconds.</summary>
    public double WireSeconds(TransferDirection direction, long blocks) => Planes * blocks * (PlaneBytes / Channel(direction).BytesPerSecond);

    /// <summary>Time of a plan that has the link for itself, in seconds.</summary>
    public double SecondsOf(TransferDirection direction, double runs, long blocks) =>
        CallSeconds(direction, runs) + WireSeconds(direction, blocks);

    /// <summary>This profile when it keeps the rules.</summary>
    /// <param name="place">What messages call it.</param>
    /// <exception cref="InvalidFormatException">A value is out of range.</exception>
    public LinkProfile Validated(string place)
    {
        Require(Planes is >= 1 and <= 4096, "planes", Planes, "1…4,096");
        Require(PlaneBytes is >= 1 and <= 1L << 32, "planeBytes", PlaneBytes, "1…4,294,967,296");
        Require(DuplexFactor is > 0 and <= 1, "duplexFactor", DuplexFactor, "(0, 1]");
        Require(Out.CallSeconds is >= 0 and <= 1, "out.callSeconds", Out.CallSeconds, "0…1");
        Require(In.CallSeconds is >= 0 and <= 1, "in.callSeconds", In.CallSeconds, "0…1");
        Require(Out.BytesPerSecond >= 1, "out.bytesPerSecond", Out.BytesPerSecond, "at least 1");
        Require(In.BytesPerSecond >= 1, "in.bytesPerSecond", In.BytesPerSecond, "at least 1");
        return this;

        void Require(bool holds, string name, double value, string rule)
        {
            if (!holds)
            {
                throw new InvalidFormatException(FormattableString.Invariant($"{place}: link.{name} is {value}; it must be {rule}."));
            }
        }
    }
}
