using System.Collections.Immutable;
using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;

namespace Rubato.Torch.Reports;

/// <summary>Passes everything on to several observers, in order.</summary>
public sealed class TrainingObservers(params ImmutableArray<ITrainingObserver> observers) : ITrainingObserver
{
    /// <inheritdoc/>
    public void OnUpdate(UpdateReport report)
    {
        foreach (var observer in observers)
        {
            observer.OnUpdate(report);
        }
    }

    /// <inheritdoc/>
    public void OnValidation(TrainingCounters at, ValidationResult result)
    {
        foreach (var observer in observers)
        {
            observer.OnValidation(at, result);
        }
    }
}
