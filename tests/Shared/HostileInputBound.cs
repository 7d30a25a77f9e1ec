using System.Diagnostics;
using System.Globalization;

namespace Rubato.Tests;

/// <summary>
/// What any hostile input may cost: two seconds, and half a gigabyte beyond the input. Linked into the test projects that fuzz.
/// </summary>
/// <remarks>
/// The time is that of the calling thread on a processor, where the system tells it (Linux), so that a machine that is busy with other
/// things fails no test; elsewhere it is wall time. The memory is all that the thread allocates, which is at least what it holds.
/// </remarks>
internal readonly struct HostileInputBound
{
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(2);

    public const long BytesMax = 512 << 20;

    private const string ThreadTimes = "/proc/thread-self/schedstat";

    private readonly TimeSpan _time;
    private readonly long _bytes;

    private HostileInputBound(TimeSpan time, long bytes) => (_time, _bytes) = (time, bytes);

    public static HostileInputBound Start() => new(Time(), GC.GetAllocatedBytesForCurrentThread());

    /// <summary>Fails when the bounds were left since <see cref="Start"/>.</summary>
    /// <param name="label">The input, for the message.</param>
    public void Check(string label)
    {
        var (time, bytes) = (Time() - _time, GC.GetAllocatedBytesForCurrentThread() - _bytes);
        Assert.True(time < TimeMax, $"{label}: took {time}");
        Assert.True(bytes < BytesMax, $"{label}: made {bytes} bytes of objects");
    }

    private static TimeSpan Time() => File.Exists(ThreadTimes)
        ? TimeSpan.FromTicks(long.Parse(File.ReadAllText(ThreadTimes).Split(' ')[0], CultureInfo.InvariantCulture) / 100)
        : Stopwatch.GetElapsedTime(0);
}
