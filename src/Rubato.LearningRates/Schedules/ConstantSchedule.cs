namespace Rubato.LearningRates.Schedules;

/// <summary>The peak rate throughout: the schedule without a budget.</summary>
public sealed record ConstantSchedule : ISchedule
{
    /// <inheritdoc/>
    public double At(double progress) => 1;

    /// <inheritdoc/>
    public override string ToString() => "constant";
}
