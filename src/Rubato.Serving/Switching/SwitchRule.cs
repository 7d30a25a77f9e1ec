using Rubato.Core;

namespace Rubato.Serving.Switching;

/// <summary>Whether a step should wait for what is brought in: the adaptive rule, as a function.</summary>
/// <remarks>
/// Both sides are request-seconds of added waiting. If the step waits, everybody who could run loses the time of the transfer; if it does not,
/// everybody who is brought in loses the rest of the step in the middle of which its blocks arrive. The rule is ours; that the choice is adaptive is
/// the paper's (Shen et al., "FastSwitch", 2024).
/// </remarks>
public static class SwitchRule
{
    /// <summary>What waiting for the transfer costs: runnable · transfer.</summary>
    public static Duration CostOfWaiting(int runnable, Duration transfer) => new(runnable * transfer.Nanoseconds);

    /// <summary>What going on costs: incoming · (⌈transfer ÷ step⌉ · step − transfer).</summary>
    public static Duration CostOfGoingOn(int incoming, Duration transfer, Duration step)
    {
        if (step.Nanoseconds <= 0)
        {
            return Duration.Zero;
        }

        var steps = (transfer.Nanoseconds + step.Nanoseconds - 1) / step.Nanoseconds;
        return new(incoming * ((steps * step.Nanoseconds) - transfer.Nanoseconds));
    }

    /// <summary>Whether to wait: at equal cost, yes.</summary>
    /// <param name="runnable">Sequences that could run now.</param>
    /// <param name="incoming">Sequences that are brought in.</param>
    /// <param name="transfer">Predicted time until they are in.</param>
    /// <param name="step">Predicted time of a step beside the transfer.</param>
    public static bool Waits(int runnable, int incoming, Duration transfer, Duration step) =>
        CostOfWaiting(runnable, transfer) <= CostOfGoingOn(incoming, transfer, step);
}
