namespace Rubato.LearningRates.Comparison;

/// <summary>Schedule-Free training: the baseline that needs no budget. The rate is constant; the weights are averaged.</summary>
/// <remarks>
/// y = (1 − β) z + β x; z ← z − γ ∇f(y); x ← (1 − c) x + c z with c_t = ω_t / Σω, ω_t = (largest rate so far)². Gradients are taken at y, the score
/// at x. Source: Defazio et al., "The Road Less Scheduled", and the code of facebookresearch/schedule_free.
/// </remarks>
public sealed record ScheduleFreeOptions
{
    /// <summary>How far gradients are taken towards the average, 0 … 1.</summary>
    public double Beta { get; init; } = 0.9;
}
