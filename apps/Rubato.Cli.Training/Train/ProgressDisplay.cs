using System.Globalization;
using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;
using Rubato.Torch.Reports;

namespace Rubato.Cli.Training.Train;

/// <summary>Shows a run on standard error: a bar that moves when it is a terminal, a line now and then otherwise.</summary>
internal sealed class ProgressDisplay(TrainingBudget budget, TextWriter output, bool terminal) : ITrainingObserver, IDisposable
{
    private const int BarWidth = 24;
    private const double LineEverySeconds = 15;
    private double _smoothLoss = double.NaN;
    private double _lastLineAt = double.NegativeInfinity;
    private double _startedAt = double.NaN;
    private double _progressAtStart;

    public void OnUpdate(UpdateReport report)
    {
        _smoothLoss = double.IsNaN(_smoothLoss) ? report.Loss : 0.9 * _smoothLoss + 0.1 * report.Loss;
        var (now, spent) = (report.At.Elapsed.Seconds, budget.Progress(report.At));
        if (double.IsNaN(_startedAt))
        {
            (_startedAt, _progressAtStart) = (now, report.Progress);
        }

        if (!terminal && now - _lastLineAt < LineEverySeconds && spent < 1)
        {
            return;
        }

        _lastLineAt = now;
        var gained = spent - _progressAtStart;
        var left = gained > 0 && now > _startedAt ? Readable((now - _startedAt) / gained * (1 - spent)) : "…";
        var text = string.Create(CultureInfo.InvariantCulture,
            $"step {report.At.Steps}  loss {_smoothLoss:F3}  lr {report.LearningRate:0.00e+0}  "
            + $"{report.TokensPerSecond:F0} tokens/s  {spent:P0} of {budget}, {left} left");
        if (terminal)
        {
            var filled = (int)(BarWidth * spent);
            output.Write($"\r{new string('█', filled)}{new string('░', BarWidth - filled)} {text} \u001b[K");
        }
        else
        {
            output.WriteLine(text);
        }
    }

    /// <summary>Ends the line of the bar.</summary>
    public void Dispose()
    {
        if (terminal)
        {
            output.WriteLine();
        }
    }

    public void OnValidation(TrainingCounters at, ValidationResult result) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(terminal ? "\r\u001b[K" : "")}held out after {at.Steps} steps: "
            + $"{result.Loss:F4} nats/token, {result.BitsPerByte:F4} bits/byte"));

    private static string Readable(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2));
        return time.ToString(time.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
    }
}
