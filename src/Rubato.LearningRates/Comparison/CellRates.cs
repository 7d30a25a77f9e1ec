using Rubato.LearningRates.Feedback;

namespace Rubato.LearningRates.Comparison;

/// <summary>The learning rate of every update of a cell, whatever kind of contestant it is for.</summary>
/// <remarks>
/// Before update t ask <see cref="At"/> (and <see cref="MomentumAt"/>); after it, when <see cref="WantsLossAfter"/>, measure the loss and tell
/// <see cref="Observe"/>. Only plateau decay ever wants it: <see cref="PlateauEvaluations"/> times in a run, or after every update of a shorter one.
/// </remarks>
public sealed class CellRates
{
    /// <summary>How often plateau decay looks at the loss in one run: twice within its patience of 5 %.</summary>
    public const int PlateauEvaluations = 40;

    private readonly TrainingCell _cell;
    private readonly PlateauController? _plateau;

    /// <summary>The rates of <paramref name="cell"/> from its first update on.</summary>
    public CellRates(TrainingCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        _cell = cell;
        _plateau = cell.Plateau is null ? null : new(cell.Plateau);
    }

    /// <summary>The learning rate for the update with the 0-based index <paramref name="update"/>.</summary>
    public double At(long update) => _cell.BaseRate * _cell.Schedule.At(update) * (_plateau?.Multiplier ?? 1);

    /// <summary>The momentum (Adam's β₁) for one update, or null to keep the optimizer's own.</summary>
    public double? MomentumAt(long update) => _cell.Schedule.MomentumAt(update);

    /// <summary>The weight decay for one update, or null to keep the optimizer's own.</summary>
    public double? WeightDecayAt(long update) => _cell.Schedule.WeightDecayAt(update);

    /// <summary>Whether <see cref="Observe"/> wants the loss after the update with this index.</summary>
    public bool WantsLossAfter(long update) =>
        _plateau is not null && (update + 1) * PlateauEvaluations / _cell.Updates > update * PlateauEvaluations / _cell.Updates;

    /// <summary>Takes note of the loss after the update with the index <paramref name="update"/>.</summary>
    public void Observe(long update, double loss) => _plateau?.Observe(loss, Math.Min(1, (update + 1.0) / _cell.Updates));
}
