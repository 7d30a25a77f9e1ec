namespace Rubato.Core;

/// <summary>A point in time: signed 64-bit nanoseconds since the origin of the clock that made it.</summary>
/// <remarks>
/// The origin is whatever the driver of time chose (process start in a live host, zero in a simulated world), so only
/// differences between instants of one clock mean anything. Range: about ±292 years. Arithmetic is overflow-checked.
/// </remarks>
/// <param name="Nanoseconds">Nanoseconds since the origin.</param>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>The origin of the clock.</summary>
    public static Instant Zero => default;

    /// <summary>The latest representable instant.</summary>
    public static Instant MaxValue => new(long.MaxValue);

    /// <summary>The instant that lies <paramref name="seconds"/> after the origin.</summary>
    /// <exception cref="OverflowException">The value is not finite or does not fit.</exception>
    public static Instant FromSeconds(double seconds) => new(Duration.FromSeconds(seconds).Nanoseconds);

    /// <summary>Seconds since the origin.</summary>
    public double Seconds => Nanoseconds / 1e9;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The earlier of two instants.</summary>
    public static Instant Min(Instant a, Instant b) => a <= b ? a : b;

    /// <summary>The later of two instants.</summary>
    public static Instant Max(Instant a, Instant b) => a >= b ? a : b;

    /// <summary>The instant <paramref name="span"/> after <paramref name="at"/>.</summary>
    public static Instant operator +(Instant at, Duration span) => new(checked(at.Nanoseconds + span.Nanoseconds));

    /// <summary>The instant <paramref name="span"/> before <paramref name="at"/>.</summary>
    public static Instant operator -(Instant at, Duration span) => new(checked(at.Nanoseconds - span.Nanoseconds));

    /// <summary>The time from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static Duration operator -(Instant to, Instant from) => new(checked(to.Nanoseconds - from.Nanoseconds));

    /// <summary>Whether <paramref name="a"/> is before <paramref name="b"/>.</summary>
    public static bool operator <(Instant a, Instant b) => a.Nanoseconds < b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is after <paramref name="b"/>.</summary>
    public static bool operator >(Instant a, Instant b) => a.Nanoseconds > b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is not after <paramref name="b"/>.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is not before <paramref name="b"/>.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Nanoseconds >= b.Nanoseconds;

    /// <inheritdoc/>
    public override string ToString() => $"{Nanoseconds}ns";
}
