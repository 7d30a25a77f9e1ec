using CsCheck;

namespace Rubato.Core.Tests;

public sealed class InstantTests
{
    private static readonly Gen<long> Nanoseconds = Gen.Long[long.MinValue / 4, long.MaxValue / 4];

    [Fact]
    public void Arithmetic_IsExactAndInvertible() =>
        Nanoseconds.Select(Nanoseconds).Sample((at, span) =>
        {
            var instant = new Instant(at);
            var duration = new Duration(span);
            return instant + duration - duration == instant && (instant + duration) - instant == duration;
        });

    [Fact]
    public void Order_IsThatOfTheNanoseconds() =>
        Gen.Long.Select(Gen.Long).Sample((a, b) =>
            (new Instant(a) < new Instant(b)) == (a < b)
            && (new Instant(a) >= new Instant(b)) == (a >= b)
            && Math.Sign(new Instant(a).CompareTo(new Instant(b))) == a.CompareTo(b)
            && Instant.Min(new(a), new(b)).Nanoseconds == Math.Min(a, b)
            && Instant.Max(new(a), new(b)).Nanoseconds == Math.Max(a, b));

    [Fact]
    public void Overflow_Throws()
    {
        Assert.Throws<OverflowException>(() => Instant.MaxValue + new Duration(1));
        Assert.Throws<OverflowException>(() => Instant.FromSeconds(1e11));
        Assert.Throws<OverflowException>(() => Duration.FromSeconds(double.NaN));
        Assert.Throws<OverflowException>(() => new Duration(long.MaxValue) * 2);
    }

    [Fact]
    public void Conversions_RoundToTheNearestNanosecond()
    {
        Assert.Equal(1_500_000_000, Duration.FromSeconds(1.5).Nanoseconds);
        Assert.Equal(250_000, Duration.FromMilliseconds(0.25).Nanoseconds);
        Assert.Equal(7_000, Duration.FromMicroseconds(7).Nanoseconds);
        Assert.Equal(TimeSpan.FromMilliseconds(3), Duration.FromTimeSpan(TimeSpan.FromMilliseconds(3)).ToTimeSpan());
        Assert.Equal(2.5, Instant.FromSeconds(2.5).Seconds);
    }
}
