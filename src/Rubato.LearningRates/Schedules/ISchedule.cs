namespace Rubato.LearningRates.Schedules;

/// <summary>A learning-rate schedule: the factor on the peak rate as a pure function of the spent share of the budget.</summary>
/// <remarks>
/// Implementations are immutable records (equal text, equal schedule), safe to share between threads. <see cref="object.ToString"/>
/// gives the short text form that <see cref="ScheduleText.Parse"/> reads back.
/// </remarks>
public interface ISchedule
{
    /// <summary>The factor on the peak learning rate, 0 … 1.</summary>
    /// <param name="progress">Spent share of the budget, 0 … 1; values outside are clamped.</param>
    double At(double progress);
}
