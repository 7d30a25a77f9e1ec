namespace Rubato.Core;

/// <summary>A signed span of time in nanoseconds. Arithmetic is overflow-checked.</summary>
/// <param name="Nanoseconds">The span in nanoseconds; negative when it points to the past.</param>
public readonly record struct Duration(long Nanoseconds) : IComparable<Duration>
{
    /// <summary>No time at all.</summary>
    public static Duration Zero => default;

    /// <summary>A span of <paramref name="seconds"/>, rounded to the nearest nanosecond.</summary>
    /// <exception cref="OverflowException">The value is not finite or does not fit in 64-bit nanoseconds.</exception>
    public static Duration FromSeconds(double seconds)
    {
        var nanoseconds = Math.Round(seconds * 1e9);
        return new(checked((long)nanoseconds));
    }

    /// <summary>A span of <paramref name="milliseconds"/>, rounded to the nearest nanosecond.</summary>
    public static Duration FromMilliseconds(double milliseconds) => FromSeconds(milliseconds / 1e3);

    /// <summary>A span of whole microseconds.</summary>
    public static Duration FromMicroseconds(long microseconds) => new(checked(microseconds * 1_000));

    /// <summary>The same span as a <see cref="TimeSpan"/> (ticks of 100 ns each become 100 ns).</summary>
    public static Duration FromTimeSpan(TimeSpan span) => new(checked(span.Ticks * 100));

    /// <summary>The span in seconds.</summary>
    public double Seconds => Nanoseconds / 1e9;

    /// <summary>The span in milliseconds.</summary>
    public double Milliseconds => Nanoseconds / 1e6;

    /// <summary>The span as a <see cref="TimeSpan"/>, rounded toward zero to 100 ns.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan.FromTicks(Nanoseconds / 100);

    /// <inheritdoc/>
    public int CompareTo(Duration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The sum of two spans.</summary>
    public static Duration operator +(Duration a, Duration b) => new(checked(a.Nanoseconds + b.Nanoseconds));

    /// <summary>The difference of two spans.</summary>
    public static Duration operator -(Duration a, Duration b) => new(checked(a.Nanoseconds - b.Nanoseconds));

    /// <summary>A span repeated <paramref name="factor"/> times.</summary>
    public static Duration operator *(Duration a, long factor) => new(checked(a.Nanoseconds * factor));

    /// <summary>Whether <paramref name="a"/> is shorter than <paramref name="b"/>.</summary>
    public static bool operator <(Duration a, Duration b) => a.Nanoseconds < b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is longer than <paramref name="b"/>.</summary>
    public static bool operator >(Duration a, Duration b) => a.Nanoseconds > b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is not longer than <paramref name="b"/>.</summary>
    public static bool operator <=(Duration a, Duration b) => a.Nanoseconds <= b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is not shorter than <paramref name="b"/>.</summary>
    public static bool operator >=(Duration a, Duration b) => a.Nanoseconds >= b.Nanoseconds;

    /// <inheritdoc/>
    public override string ToString() => $"{Nanoseconds}ns";
}
