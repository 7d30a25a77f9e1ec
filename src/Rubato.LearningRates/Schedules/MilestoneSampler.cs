using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>Sample points at 0 and at given shares of the budget, as in 50-75.</summary>
public sealed record MilestoneSampler : ISampler
{
    private readonly double[] _points;

    /// <summary>Points at 0 and at <paramref name="milestones"/>.</summary>
    /// <param name="milestones">Shares above 0 and below 1, ascending; at least one.</param>
    /// <exception cref="InvalidOptionException">A milestone is outside, or out of order.</exception>
    public MilestoneSampler(ValueList<double> milestones)
    {
        Milestone.Require("sample", milestones);
        Milestones = milestones;
        _points = [0, .. milestones.Items];
    }

    /// <summary>The shares above 0, ascending.</summary>
    public ValueList<double> Milestones { get; }

    /// <inheritdoc/>
    public double Hold(double progress) => _points[Milestone.Passed(Milestones.Items, progress)];

    /// <inheritdoc/>
    public bool Equals(MilestoneSampler? other) => other is not null && Milestones.Equals(other.Milestones);

    /// <inheritdoc/>
    public override int GetHashCode() => Milestones.GetHashCode();
}
