using Rubato.Core;

namespace Rubato.Torch.Training;

/// <summary>How far a run is: all that a <see cref="Trainer"/> needs beside weights and optimiser moments to go on exactly.</summary>
/// <param name="Steps">Updates done.</param>
/// <param name="Rows">Rows read; the place in the data.</param>
/// <param name="Elapsed">Training time spent.</param>
/// <param name="Validations">Measurements of held-out text done.</param>
public sealed record TrainerProgress(long Steps, long Rows, Duration Elapsed, int Validations)
{
    /// <summary>The start of a run.</summary>
    public static TrainerProgress Start { get; } = new(0, 0, Duration.Zero, 0);
}
