using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>γⁿ, where n is the number of milestones passed.</summary>
public sealed record StepProfile : IProfile, IDescribed
{
    private readonly double[] _levels;

    /// <summary>A drop by <paramref name="gamma"/> at every milestone.</summary>
    /// <param name="milestones">Shares of the budget above 0 and below 1, ascending.</param>
    /// <param name="gamma">Above 0, at most 1.</param>
    public StepProfile(ValueList<double> milestones, double gamma = 0.1)
    {
        Milestone.Require("step", milestones);
        Milestones = milestones;
        Gamma = Require.AboveZeroTo1("step", "gamma", gamma);
        _levels = new double[milestones.Count + 1];
        for (var n = 0; n < _levels.Length; n++)
        {
            _levels[n] = Math.Pow(gamma, n);
        }
    }

    /// <summary>Where the rate drops, as shares of the budget.</summary>
    public ValueList<double> Milestones { get; }

    /// <summary>The factor of one drop.</summary>
    public double Gamma { get; }

    /// <inheritdoc/>
    public double? Mean
    {
        get
        {
            var (sum, from) = (0.0, 0.0);
            for (var n = 0; n < Milestones.Count; n++)
            {
                sum += _levels[n] * (Milestones[n] - from);
                from = Milestones[n];
            }

            return sum + _levels[^1] * (1 - from);
        }
    }

    /// <inheritdoc/>
    public double At(double progress) => _levels[Milestone.Passed(Milestones.Items, progress)];

    /// <inheritdoc/>
    public bool Equals(StepProfile? other) => other is not null && Milestones.Equals(other.Milestones) && Gamma.Equals(other.Gamma);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Milestones, Gamma);

    CallTerm IDescribed.Describe() => new CallTerm("step").WithMilestones("milestones", Milestones).With("gamma", Gamma, standard: 0.1);
}
