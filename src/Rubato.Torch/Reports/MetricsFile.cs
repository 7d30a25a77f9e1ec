using System.Text.Json;
using System.Text.Json.Serialization;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.Torch.Data;

namespace Rubato.Torch.Reports;

/// <summary>Appends one JSON line per update and per measurement to a file, metrics.jsonl.</summary>
/// <remarks>A resumed run drops the lines after its checkpoint first, so that the file is that of a run without a break.</remarks>
public sealed class MetricsFile : ITrainingObserver, IDisposable
{
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly StreamWriter _writer;

    /// <summary>Opens or makes the file.</summary>
    /// <param name="path">Its path; the folder exists.</param>
    /// <param name="stepsDone">Lines of later updates than this are dropped.</param>
    /// <exception cref="RubatoException">The file cannot be written.</exception>
    public MetricsFile(string path, long stepsDone)
    {
        _writer = ResumedLines.Open(path, line => stepsDone > 0 && StepOf(line) <= stepsDone);
    }

    /// <inheritdoc/>
    public void OnUpdate(UpdateReport report) => Write(new
    {
        step = report.At.Steps,
        tokens = report.At.Tokens,
        epochs = report.At.Epochs,
        seconds = report.At.Elapsed.Seconds,
        progress = report.Progress,
        loss = report.Loss,
        learningRate = report.LearningRate,
        gradientNorm = report.GradientNorm,
        gradientL1 = report.GradientL1,
        momentum = report.Momentum,
        weightDecay = report.WeightDecay,
        tokensPerSecond = report.TokensPerSecond,
    });

    /// <inheritdoc/>
    public void OnValidation(TrainingCounters at, ValidationResult result) => Write(new
    {
        step = at.Steps,
        tokens = at.Tokens,
        seconds = at.Elapsed.Seconds,
        validationLoss = result.Loss,
        bitsPerByte = result.BitsPerByte,
    });

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void Write<T>(T line) => _writer.WriteLine(JsonSerializer.Serialize(line, WithoutNulls));

    private static long StepOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("step").GetInt64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return long.MaxValue; // A line cut short by the end of its process.
        }
    }
}
