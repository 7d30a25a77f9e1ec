using Rubato.LearningRates.Schedules;
using TorchSharp;
using static TorchSharp.torch.optim;

namespace Rubato.Torch.Schedules;

/// <summary>A schedule as the library's own base class, for code that expects an <see cref="torch.optim.lr_scheduler.LRScheduler"/>.</summary>
/// <remarks>
/// Made, it has set the values of update 0; each <c>step()</c> after an update sets those of the next. <c>step(n)</c> jumps to update n. Rates are set absolutely and
/// every group keeps its own base rate. Beyond the last update the rates stay where the schedule ends. New code is better off with <see cref="ScheduleDriver"/>,
/// which also knows budgets in time and can be saved.
/// </remarks>
public sealed class RubatoLR : lr_scheduler.LRScheduler
{
    private readonly Optimizer _groupsOf;
    private readonly ScheduleDriver _driver;
    private long _index = -1;

    /// <summary>Sets the values of the first update.</summary>
    /// <param name="optimizer">The optimiser; its groups' initial rates are the peaks.</param>
    /// <param name="schedule">The schedule over the updates of the run.</param>
    /// <exception cref="Core.InvalidOptionException">The optimiser lacks what the schedule has a curve for.</exception>
    public RubatoLR(Optimizer optimizer, StepSchedule schedule)
        : base(optimizer, -1, false)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _groupsOf = optimizer;
        _driver = new(optimizer, schedule);
        step();
    }

    /// <summary>The 0-based index of the update whose values are set.</summary>
    public long Step => _index;

    /// <summary>Goes to the next update, or to the one with the index <paramref name="epoch"/>.</summary>
    /// <param name="epoch">0-based index, or null for the next.</param>
    public override void step(int? epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch ?? 0, nameof(epoch));
        _index = epoch ?? _index + 1;
        base.step(epoch);
    }

    /// <inheritdoc/>
    protected override IEnumerable<double> get_lr()
    {
        _ = _driver.Apply(_index);
        return [.. _groupsOf.ParamGroups.Select(group => group.LearningRate)];
    }
}
