using Rubato.Core;

namespace Rubato.Hosting.Engine;

/// <summary>Turns a <see cref="TimeProvider"/> into instants whose origin is the moment this clock was made.</summary>
internal sealed class EngineClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    public TimeProvider Time => time;

    public Instant Now
    {
        get
        {
            var ticks = (Int128)(time.GetTimestamp() - _origin);
            return new Instant((long)(ticks * 1_000_000_000 / time.TimestampFrequency));
        }
    }
}
