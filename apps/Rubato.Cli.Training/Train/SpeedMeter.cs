using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;
using Rubato.Torch.Reports;

namespace Rubato.Cli.Training.Train;

/// <summary>Keeps the losses and the time of the updates of this process.</summary>
internal sealed class SpeedMeter : ITrainingObserver
{
    private readonly List<double> _losses = [];
    private double _seconds;
    private double _tokens;
    private long _tokensBefore = -1;

    public double TokensPerSecond => _seconds > 0 ? _tokens / _seconds : 0;

    /// <summary>Mean loss of the last tenth of the updates, or null without any.</summary>
    public double? RecentLoss => _losses.Count == 0 ? null : _losses.TakeLast(Math.Max(1, _losses.Count / 10)).Average();

    public void OnUpdate(UpdateReport report)
    {
        _losses.Add(report.Loss);
        var tokens = _tokensBefore < 0 ? 0 : report.At.Tokens - _tokensBefore; // The first update also warms up.
        _tokensBefore = report.At.Tokens;
        _tokens += tokens;
        _seconds += tokens / report.TokensPerSecond;
    }

    public void OnValidation(TrainingCounters at, ValidationResult result)
    {
    }
}
