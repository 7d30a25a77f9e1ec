using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;
using TorchSharp.Modules;
using static TorchSharp.torch.utils;

namespace Rubato.Torch.Reports;

/// <summary>Writes training curves as TensorBoard event files.</summary>
public sealed class TensorBoardLog : ITrainingObserver
{
    private readonly SummaryWriter _writer;

    /// <summary>Writes to <paramref name="folder"/>; every process adds files of its own.</summary>
    public TensorBoardLog(string folder) => _writer = tensorboard.SummaryWriter(folder, createRunName: false);

    /// <inheritdoc/>
    public void OnUpdate(UpdateReport report)
    {
        Add("train/loss", report.Loss, report.At);
        Add("train/learning_rate", report.LearningRate, report.At);
        Add("train/gradient_norm", report.GradientNorm, report.At);
        Add("train/tokens_per_second", report.TokensPerSecond, report.At);
        AddIfAny("train/gradient_l1", report.GradientL1, report.At);
        AddIfAny("train/momentum", report.Momentum, report.At);
        AddIfAny("train/weight_decay", report.WeightDecay, report.At);
    }

    /// <inheritdoc/>
    public void OnValidation(TrainingCounters at, ValidationResult result)
    {
        Add("validation/loss", result.Loss, at);
        Add("validation/bits_per_byte", result.BitsPerByte, at);
    }

    private void AddIfAny(string tag, double? value, TrainingCounters at)
    {
        if (value is { } known)
        {
            Add(tag, known, at);
        }
    }

    private void Add(string tag, double value, TrainingCounters at) => _writer.add_scalar(tag, (float)value, (int)at.Steps);
}
