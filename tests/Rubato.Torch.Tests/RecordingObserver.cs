using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;
using Rubato.Torch.Reports;

namespace Rubato.Torch.Tests;

internal sealed class RecordingObserver(Action<UpdateReport>? onUpdate = null) : ITrainingObserver
{
    public List<UpdateReport> Updates { get; } = [];

    public List<(TrainingCounters At, ValidationResult Result)> Validations { get; } = [];

    public IEnumerable<double> Losses => Updates.Select(update => update.Loss);

    public void OnUpdate(UpdateReport report)
    {
        Updates.Add(report);
        onUpdate?.Invoke(report);
    }

    public void OnValidation(TrainingCounters at, ValidationResult result) => Validations.Add((at, result));
}
