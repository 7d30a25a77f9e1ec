using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.GradientNorms;
using Rubato.Torch.Data;

namespace Rubato.Torch.Reports;

/// <summary>Writes the gradient norms of a run as CSV (step, l1, l2), which <c>rubato lr refine</c> reads; a killed run loses nothing.</summary>
/// <remarks>A line an update, or one a block of updates with the means when a run has more than 10⁶ of them. A resumed run goes on where its checkpoint was.</remarks>
public sealed class GradientNormsFile : ITrainingObserver, IDisposable
{
    private const string Head = "step,l1,l2";
    private readonly StreamWriter _writer;
    private readonly long _block;
    private (double L1, double L2, long Updates) _sum;

    /// <summary>Opens or makes the file.</summary>
    /// <param name="path">Its path; the folder exists.</param>
    /// <param name="updates">Updates of the run, where they are known; they decide on blocks.</param>
    /// <param name="stepsDone">Lines of later updates than this are dropped.</param>
    /// <exception cref="RubatoException">The file cannot be written, or it does not hold the norms of the updates that are done.</exception>
    public GradientNormsFile(string path, long? updates, long stepsDone)
    {
        _block = new GradientNormLog(Math.Max(1, updates ?? 1)).BlockLength;
        long lines = 0;
        _writer = ResumedLines.Open(path, line =>
        {
            var keep = StepOf(line) < stepsDone;
            lines += keep ? 1 : 0;
            return keep || (stepsDone > 0 && line == Head);
        });
        if (lines < stepsDone / _block)
        {
            _writer.Dispose();
            throw new RubatoException($"{path}: holds {lines} of the {stepsDone / _block} norms of the updates that are done; record norms from the start of a run.");
        }

        if (stepsDone == 0)
        {
            _writer.WriteLine(Head);
        }
    }

    /// <inheritdoc/>
    public void OnUpdate(UpdateReport report)
    {
        var l1 = report.GradientL1 ?? throw new InvalidOperationException("The trainer was not asked to record norms.");
        _sum = (_sum.L1 + l1, _sum.L2 + report.GradientNorm, _sum.Updates + 1);
        if (report.At.Steps % _block != 0)
        {
            return;
        }

        _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.At.Steps - 1},{_sum.L1 / _sum.Updates:R},{_sum.L2 / _sum.Updates:R}"));
        _sum = default;
    }

    /// <inheritdoc/>
    public void OnValidation(TrainingCounters at, ValidationResult result)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static long StepOf(string line) =>
        line.Split(',') is [var step, _, _] && long.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
}
