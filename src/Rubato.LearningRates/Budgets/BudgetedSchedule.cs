using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Budgets;

/// <summary>A schedule joined to the budget of a run: asked before each update, it says the rate, and momentum and weight decay where they are scheduled.</summary>
/// <remarks>
/// A budget in steps is exact and random-access (<see cref="At(long)"/>). In any other unit a <see cref="BudgetClock"/> places each update. Not thread-safe.
/// </remarks>
public sealed class BudgetedSchedule
{
    private readonly BudgetClock _clock;
    private StepSchedule? _counted;

    /// <summary>Joins the two.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="budget">The budget of the whole run; it wins over one that the schedule says.</param>
    /// <param name="state">Where a saved run was; the default is the beginning.</param>
    /// <exception cref="InvalidOptionException">The schedule counts updates and the budget does not, or the warm-up takes all of it.</exception>
    public BudgetedSchedule(Schedule schedule, TrainingBudget budget, BudgetClockState state = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        _clock = new(budget, state);
        Schedule = schedule;
        if (budget.Unit == BudgetUnit.Steps)
        {
            _counted = schedule.Bind((long)budget.Amount);
        }
        else if (schedule.Rebudgets.Count > 0)
        {
            throw new InvalidOptionException($"schedule {schedule}: rebudget counts updates, but the budget is {budget}.");
        }
        else
        {
            _ = schedule.At(UpdateSpan.Share(0.5));
        }
    }

    /// <summary>The schedule, with the changes of budget that it has seen when it counts steps.</summary>
    public Schedule Schedule { get; private set; }

    /// <summary>The budget that the run began with when it counts steps; otherwise as last changed.</summary>
    public TrainingBudget Budget => _clock.Budget;

    /// <summary>Where the run is, for the next process.</summary>
    public BudgetClockState State => _clock.State;

    /// <summary>
    /// Where each update lay in the budget, in order, for a <see cref="ReplayClock"/> that gives the same rates again; empty when the
    /// budget counts steps, whose rates follow from the step alone.
    /// </summary>
    public IReadOnlyList<UpdateSpan> ClockLog => _clock.Log;

    /// <summary>The whole run in steps, or null when the budget is counted in something else.</summary>
    public StepSchedule? Steps => _counted;

    /// <summary>The values for the update that is about to begin.</summary>
    /// <param name="spent">What was used before it.</param>
    public ScheduleValues Next(TrainingCounters spent)
    {
        if (_counted is not null)
        {
            return At(spent.Steps);
        }

        var span = _clock.Next(spent);
        return new(Schedule.At(span), Schedule.MomentumAt(span), Schedule.WeightDecayAt(span), span.Begin / span.Total);
    }

    /// <summary>The values for the update with the 0-based index <paramref name="step"/>. Beyond the end: those of the end.</summary>
    /// <exception cref="InvalidOperationException">The budget is not counted in steps.</exception>
    public ScheduleValues At(long step)
    {
        var counted = _counted ?? throw new InvalidOperationException($"A budget of {Budget} has no values by step; give the counters.");
        return new(counted.At(step), counted.MomentumAt(step), counted.WeightDecayAt(step), Math.Clamp(step / (double)counted.Steps, 0, 1));
    }

    /// <summary>Goes on under another budget of the same unit; the rate does not jump.</summary>
    /// <param name="spent">What was used so far.</param>
    /// <param name="budget">The new budget of the whole run, above what was used.</param>
    /// <exception cref="InvalidOptionException">The unit differs, or the new budget is already used up.</exception>
    public void Rebudget(TrainingCounters spent, TrainingBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        if (_counted is null)
        {
            _clock.Rebudget(spent, budget);
            return;
        }

        if (budget.Unit != BudgetUnit.Steps)
        {
            throw new InvalidOptionException($"budget {budget}: must be counted in steps like the old one ({Budget}).");
        }

        _counted = _counted.Rebudget(spent.Steps, (long)budget.Amount);
        Schedule = _counted.Schedule;
    }
}
