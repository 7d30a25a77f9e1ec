using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Budgets;

/// <summary>The clock of any budget. It keeps what it said, so that a run under a budget in seconds can be replayed exactly.</summary>
public sealed class BudgetClock : IBudgetClock
{
    private readonly List<UpdateSpan> _log = [];
    private TrainingBudget _budget;
    private double _progressAtChange;
    private double _spentAtChange;
    private double _progress;

    /// <summary>A clock at the beginning of <paramref name="budget"/>, or going on from a saved state.</summary>
    /// <param name="budget">The budget of the whole run.</param>
    /// <param name="state">What <see cref="State"/> said when the run was saved; the default is the beginning.</param>
    /// <exception cref="InvalidOptionException">The state is not one of this budget.</exception>
    public BudgetClock(TrainingBudget budget, BudgetClockState state = default)
    {
        ArgumentNullException.ThrowIfNull(budget);
        if (!(state is { Progress: >= 0 and <= 1, ProgressAtChange: >= 0 and < 1, SpentAtChange: >= 0 } && state.SpentAtChange < (double)budget.Amount))
        {
            throw new InvalidOptionException($"budget {budget}: the saved state {state} does not belong to it.");
        }

        _budget = budget;
        (_progress, _progressAtChange, _spentAtChange) = state;
    }

    /// <summary>All that the clock remembers beside its budget.</summary>
    public BudgetClockState State => new(_progress, _progressAtChange, _spentAtChange);

    /// <summary>The budget as last changed.</summary>
    public TrainingBudget Budget => _budget;

    /// <summary>What <see cref="Next"/> has answered, in order.</summary>
    public IReadOnlyList<UpdateSpan> Log => _log;

    /// <summary>Whether the budget is used up: no further update should begin.</summary>
    public bool IsSpent(TrainingCounters spent) => Share(spent) >= 1;

    /// <inheritdoc/>
    /// <remarks>
    /// A budget in steps gives exact positions. In other units the length of an update is taken to be the mean of those before it; the
    /// first has length 0.
    /// </remarks>
    public UpdateSpan Next(TrainingCounters spent)
    {
        var span = _budget.Unit == BudgetUnit.Steps && _progressAtChange == 0
            ? UpdateSpan.Step(spent.Steps, (long)_budget.Amount)
            : Estimated(spent);
        _progress = Math.Max(_progress, span.Begin / span.Total);
        _log.Add(span);
        return span;
    }

    /// <summary>Goes on under another budget of the same unit; progress continues where it is and ends with the new budget.</summary>
    /// <param name="spent">What was used so far.</param>
    /// <param name="budget">The new budget of the whole run, above what was used.</param>
    /// <exception cref="InvalidOptionException">The unit differs, or the new budget is already used up.</exception>
    public void Rebudget(TrainingCounters spent, TrainingBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        if (budget.Unit != _budget.Unit || (double)budget.Amount <= budget.Used(spent))
        {
            throw new InvalidOptionException($"budget {budget}: must be counted like the old one ({_budget}) and be more than what is used.");
        }

        _progressAtChange = Math.Max(_progress, Share(spent));
        _spentAtChange = budget.Used(spent);
        _budget = budget;
    }

    private UpdateSpan Estimated(TrainingCounters spent)
    {
        var progress = Math.Max(_progress, Share(spent));
        return UpdateSpan.Share(progress, spent.Steps > 0 ? Math.Min(1, progress / spent.Steps) : 0);
    }

    private double Share(TrainingCounters spent) => Math.Clamp(
        _progressAtChange + (1 - _progressAtChange) * ((_budget.Used(spent) - _spentAtChange) / ((double)_budget.Amount - _spentAtChange)), 0, 1);
}
