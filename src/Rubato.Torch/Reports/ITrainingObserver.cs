using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;

namespace Rubato.Torch.Reports;

/// <summary>Sees what happens during a run. Called on the training thread; the time it takes is training time.</summary>
public interface ITrainingObserver
{
    /// <summary>An update of the weights was made.</summary>
    void OnUpdate(UpdateReport report);

    /// <summary>The held-out text was measured.</summary>
    void OnValidation(TrainingCounters at, ValidationResult result);
}

/// <summary>One update of the weights.</summary>
/// <param name="At">Everything counted, this update included.</param>
/// <param name="Progress">Share of the budget that was spent before this update: what the schedule was asked at.</param>
/// <param name="Loss">Nats per token over the update's batch, before the update.</param>
/// <param name="LearningRate">The rate of this update.</param>
/// <param name="GradientNorm">ℓ2 norm of the gradient before clipping.</param>
/// <param name="TokensPerSecond">Speed of this update.</param>
public readonly record struct UpdateReport(
    TrainingCounters At, double Progress, double Loss, double LearningRate, double GradientNorm, double TokensPerSecond)
{
    /// <summary>ℓ1 norm of the gradient before clipping; null unless <see cref="Training.TrainerOptions.RecordNorms"/> asks for it.</summary>
    public double? GradientL1 { get; init; }

    /// <summary>β₁ of this update; null unless it is scheduled.</summary>
    public double? Momentum { get; init; }

    /// <summary>Weight decay of this update; null unless it is scheduled.</summary>
    public double? WeightDecay { get; init; }
}
