using System.Collections.Immutable;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Schedules;
using static TorchSharp.torch.optim;

namespace Rubato.Torch.Schedules;

/// <summary>Drives a TorchSharp optimiser through a schedule: <see cref="Apply(long)"/> before each <c>optimizer.step()</c>.</summary>
/// <remarks>
/// <para>Every group gets its own base rate (the rate it was made with) times the schedule's multiplier, set absolutely: a change of a rate from outside lasts
/// until the next call and is never compounded. Momentum (or Adam's β₁) and weight decay follow their curves where the schedule has any.</para>
/// <para>The state is text: <see cref="Save"/> and <see cref="Load"/> bring back the rest of the curve bit for bit, in another process too. Not thread-safe.</para>
/// </remarks>
public sealed class ScheduleDriver
{
    private readonly OptimizerGroups _groups;
    private readonly BudgetedSchedule _schedule;

    /// <summary>Drives <paramref name="optimizer"/> through <paramref name="schedule"/> over <paramref name="budget"/>.</summary>
    /// <param name="optimizer">The optimiser; its groups' initial rates are the peaks. The caller disposes it.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="budget">The budget of the whole run.</param>
    /// <exception cref="InvalidOptionException">Schedule and budget do not fit, or the optimiser lacks what the schedule has a curve for.</exception>
    public ScheduleDriver(Optimizer optimizer, Schedule schedule, TrainingBudget budget)
        : this(optimizer, new BudgetedSchedule(schedule, budget))
    {
    }

    /// <summary>Drives <paramref name="optimizer"/> through a schedule over a number of updates.</summary>
    /// <exception cref="InvalidOptionException">As for the other constructor.</exception>
    public ScheduleDriver(Optimizer optimizer, StepSchedule schedule)
        : this(optimizer, (schedule ?? throw new ArgumentNullException(nameof(schedule))).Schedule, new(schedule.Budget, BudgetUnit.Steps))
    {
    }

    private ScheduleDriver(Optimizer optimizer, BudgetedSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _schedule = schedule;
        _groups = new(optimizer);
        var first = schedule.Steps is not null ? schedule.At(0) : new BudgetedSchedule(schedule.Schedule, schedule.Budget).Next(default);
        _groups.Require(first.Momentum is not null, first.WeightDecay is not null);
    }

    /// <summary>The schedule, with the changes of budget that it has seen.</summary>
    public Schedule Schedule => _schedule.Schedule;

    /// <summary>The budget of the run.</summary>
    public TrainingBudget Budget => _schedule.Budget;

    /// <summary>The rate of every parameter group at multiplier 1.</summary>
    public ImmutableArray<double> BaseRates => _groups.BaseRates;

    /// <summary>What was applied last.</summary>
    public ScheduleValues Current { get; private set; }

    /// <summary>Sets the values for the update with the 0-based index <paramref name="step"/>, any step, in any order.</summary>
    /// <exception cref="InvalidOperationException">The budget is not counted in steps; use the other overload.</exception>
    public ScheduleValues Apply(long step) => Set(_schedule.At(step));

    /// <summary>Sets the values for the update that begins when <paramref name="spent"/> is used.</summary>
    public ScheduleValues Apply(TrainingCounters spent) => Set(_schedule.Next(spent));

    /// <summary>Goes on under another budget of the same unit, without a jump of the rate.</summary>
    /// <exception cref="InvalidOptionException">The unit differs, or the new budget is already used up.</exception>
    public void Rebudget(TrainingCounters spent, TrainingBudget budget) => _schedule.Rebudget(spent, budget);

    /// <summary>The whole state as JSON: schedule, budget, progress, base rates.</summary>
    public string Save() => new ScheduleDriverState(_schedule.Schedule, _schedule.Budget, _schedule.State, _groups.BaseRates).ToJson();

    /// <summary>A driver that goes on where <see cref="Save"/> was called; the groups' base rates become the saved ones.</summary>
    /// <param name="optimizer">An optimiser with as many groups.</param>
    /// <param name="state">What <see cref="Save"/> returned.</param>
    /// <exception cref="InvalidOptionException">The text is no such state, or the groups differ in number.</exception>
    public static ScheduleDriver Load(Optimizer optimizer, string state)
    {
        var saved = ScheduleDriverState.FromJson(state);
        var driver = new ScheduleDriver(optimizer, new BudgetedSchedule(saved.Schedule, saved.Budget, saved.Clock));
        driver._groups.BaseRates = saved.BaseRates;
        return driver;
    }

    private ScheduleValues Set(in ScheduleValues values)
    {
        _groups.Apply(values);
        return Current = values;
    }
}
