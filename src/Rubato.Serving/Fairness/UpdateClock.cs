using Rubato.Core;

namespace Rubato.Serving.Fairness;

/// <summary>Numbers the updates of priorities: every so many steps, or every so many seconds of the driver's clock.</summary>
internal sealed class UpdateClock(ServicePolicyOptions options, int defaultIterations)
{
    private readonly long _iterations = options.UpdateEveryIterations ?? defaultIterations;
    private readonly long _nanoseconds = options.UpdateEverySeconds is { } seconds ? Math.Max(1, Duration.FromSeconds(seconds).Nanoseconds) : 0;

    /// <summary>The number of the update in force, from 0 and never decreasing.</summary>
    public long UpdateAt(long iteration, Instant now) => _nanoseconds == 0 ? iteration / _iterations : Math.Max(0, now.Nanoseconds) / _nanoseconds;
}
