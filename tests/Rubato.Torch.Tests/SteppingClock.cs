namespace Rubato.Torch.Tests;

/// <summary>A clock that moves on by a fixed time whenever it is read.</summary>
internal sealed class SteppingClock(TimeSpan perReading) : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks += perReading.Ticks;
}
