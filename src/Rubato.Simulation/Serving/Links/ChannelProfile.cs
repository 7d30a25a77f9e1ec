namespace Rubato.Simulation.Serving.Links;

/// <summary>What copies of one direction cost: a fixed price a call, and a price a byte.</summary>
/// <param name="CallSeconds">t0: the fixed cost of a copy call, in seconds; at least 0.</param>
/// <param name="BytesPerSecond">B: the bandwidth that very long copies approach; positive, and may be infinite.</param>
public sealed record ChannelProfile(double CallSeconds, double BytesPerSecond)
{
    /// <summary>Copies that cost nothing.</summary>
    public static ChannelProfile Free { get; } = new(0, double.PositiveInfinity);

    /// <summary>The time of one copy of <paramref name="bytes"/>, in seconds.</summary>
    public double SecondsOfCopy(double bytes) => CallSeconds + bytes / BytesPerSecond;

    /// <summary>The bandwidth that copies of <paramref name="bytes"/>, one after the other, reach.</summary>
    public double EffectiveBytesPerSecond(double bytes) => bytes / SecondsOfCopy(bytes);
}
