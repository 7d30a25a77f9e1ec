namespace Rubato.LearningRates.Feedback;

/// <summary>All that decay on plateau remembers: save it, and a resumed run goes on with the same cuts.</summary>
/// <param name="Multiplier">The factor on the peak rate.</param>
/// <param name="Best">The lowest loss so far; null before the first finite one.</param>
/// <param name="Since">Progress at which the wait for an improvement began.</param>
/// <param name="ResumesAt">Progress at which the cool-down after the last cut ends.</param>
public sealed record PlateauState(double Multiplier = 1, double? Best = null, double Since = 0, double ResumesAt = 0);
