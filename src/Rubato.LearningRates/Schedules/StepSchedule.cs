using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>A schedule over a known number of updates: exact, stateless, with random access.</summary>
public sealed class StepSchedule
{
    private const long MostSteps = 1L << 53;
    private const long LongestCurve = 1L << 28;

    private readonly StepTimeline _timeline;
    private readonly double _end;

    internal StepSchedule(Schedule schedule, long steps)
    {
        if (steps is < 1 or > MostSteps)
        {
            throw new InvalidOptionException($"a budget of {steps} steps is out of range; give 1 … 2^53.");
        }

        Schedule = schedule;
        Budget = steps;
        _timeline = new(steps, schedule.Index, schedule.Rebudgets);
        _end = schedule.At(UpdateSpan.Step(steps, steps));
        Check.Invariant(double.IsFinite(_end), $"{schedule} ends with {_end}");
    }

    /// <summary>The schedule without its number of updates.</summary>
    public Schedule Schedule { get; }

    /// <summary>The updates that the run began with.</summary>
    public long Budget { get; }

    /// <summary>The updates of the run, after all changes of its budget.</summary>
    public long Steps => _timeline.Total;

    /// <summary>The factor on the peak rate for the update with the 0-based index <paramref name="step"/>. Allocates nothing.</summary>
    /// <param name="step">At least 0. From <see cref="Steps"/> on: the value at the end of the budget, never a restart.</param>
    public double At(long step) => step >= Steps ? _end : Schedule.At(Span(step));

    /// <summary>Momentum for one update, or null when it is not scheduled.</summary>
    public double? MomentumAt(long step) => Schedule.MomentumAt(Span(step));

    /// <summary>Weight decay for one update, or null when it is not scheduled.</summary>
    public double? WeightDecayAt(long step) => Schedule.WeightDecayAt(Span(step));

    /// <summary>The rates of several parameter groups, each its own base rate times the one multiplier of the step.</summary>
    /// <param name="step">0-based index of the update.</param>
    /// <param name="baseRates">One base rate a group.</param>
    /// <param name="rates">Receives as many rates.</param>
    public void Rates(long step, ReadOnlySpan<double> baseRates, Span<double> rates)
    {
        var multiplier = At(step);
        for (var i = 0; i < baseRates.Length; i++)
        {
            rates[i] = baseRates[i] * multiplier;
        }
    }

    /// <summary>The multipliers of all updates, in order.</summary>
    /// <exception cref="InvalidOptionException">There are more than 2²⁸ updates.</exception>
    public double[] Curve()
    {
        if (Steps > LongestCurve)
        {
            throw new InvalidOptionException($"a curve of {Steps} steps does not fit in memory; ask for single steps.");
        }

        var curve = new double[Steps];
        for (var step = 0; step < curve.Length; step++)
        {
            curve[step] = At(step);
        }

        return curve;
    }

    /// <summary>The same run with another budget from <paramref name="step"/> on; the rate of that step does not change.</summary>
    /// <param name="step">0-based index of the first update under the new budget.</param>
    /// <param name="total">Updates of the whole run then, above <paramref name="step"/>.</param>
    /// <exception cref="InvalidOptionException">The step lies behind the end, or the new total does not lie behind the step.</exception>
    public StepSchedule Rebudget(long step, long total) =>
        new(Schedule with { Rebudgets = [.. Schedule.Rebudgets, new(step, total)] }, Budget);

    private UpdateSpan Span(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return _timeline.Span(Math.Min(step, Steps));
    }
}
