namespace Rubato.Kernels.Threading;

/// <summary>How much of the machine this process may use: processors that it may run on, and CPU time that its container may spend.</summary>
/// <remarks>
/// A container with a quota of 1.5 processors that runs two busy threads is stopped for part of every period, and every step then waits for
/// the slowest thread: so the quota is rounded down. <see cref="Environment.ProcessorCount"/> rounds it up.
/// </remarks>
/// <param name="Processors">Processors that the process may run on, at least 1.</param>
/// <param name="Quota">CPU seconds per second that the control groups allow, the tightest of them; null without a limit.</param>
public sealed record AvailableProcessors(int Processors, double? Quota)
{
    private const int ThreadsMax = 1024;

    private static readonly Lazy<AvailableProcessors> Measured = new(() => new(Environment.ProcessorCount, ControlGroupQuota.Read(ControlGroupQuota.ReadFile)));

    /// <summary>What the process has; read once.</summary>
    public static AvailableProcessors Current => Measured.Value;

    /// <summary>Threads to start when nobody says how many: min(processors, quota rounded down), 1 … 1024.</summary>
    public int Threads => Math.Clamp(Quota is { } quota && quota < Processors ? (int)Math.Floor(quota) : Processors, 1, ThreadsMax);
}
