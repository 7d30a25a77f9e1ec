using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Schedules;

namespace Rubato.Torch.Training;

/// <summary>How a <see cref="Trainer"/> trains.</summary>
public sealed record TrainerOptions
{
    /// <summary>When training ends, and what the schedule's progress is measured in.</summary>
    public required TrainingBudget Budget { get; init; }

    /// <summary>Factor on <see cref="LearningRate"/> over the budget, and the curves of β₁ and weight decay where it has any.</summary>
    public Schedule Schedule { get; init; } = Schedule.Parse("rex | warmup(2%)");

    /// <summary>Peak learning rate; above 0.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Whether every update's report has the ℓ1 norm of the gradient too, and the ℓ2 norm in double precision: what schedules are refined from.</summary>
    public bool RecordNorms { get; init; }

    /// <summary>Constants of the optimiser.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>Largest gradient norm; longer gradients are scaled down to it. Above 0.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Rows per forward and backward pass; at least 1.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Passes per update; at least 1.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>How often the held-out text is measured over the budget; 0 for never.</summary>
    public int Validations { get; init; } = 10;

    /// <summary>Rows of held-out text per measurement; at least 1.</summary>
    public int ValidationRows { get; init; } = 32;

    /// <summary>Training time between checkpoints.</summary>
    public Duration CheckpointEvery { get; init; } = Duration.FromSeconds(120);

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require(LearningRate is > 0 and < 100, "--lr", LearningRate, "must be above 0 and below 100");
        Require(GradientClip > 0, "--clip", GradientClip, "must be above 0");
        Require(Batch is >= 1 and <= 65_536, "--batch", Batch, "must be 1 … 65536");
        Require(Accumulate is >= 1 and <= 65_536, "--accumulate", Accumulate, "must be 1 … 65536");
        Require(Validations >= 0, "--validations", Validations, "must be at least 0");
        Require(ValidationRows >= 1, "--validation-rows", ValidationRows, "must be at least 1");
        Optimizer.Validate();
    }

    private static void Require(bool holds, string option, IFormattable value, string rule)
    {
        if (!holds)
        {
            throw new InvalidOptionException(FormattableString.Invariant($"{option} {value}: {rule}."));
        }
    }
}
