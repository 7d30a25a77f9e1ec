using System.Globalization;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Refinement;
using Rubato.Models;
using Rubato.Torch.Data;
using Rubato.Torch.GradientNorms;
using Rubato.Torch.Llama;
using Rubato.Torch.Training;
using static TorchSharp.torch;

namespace Rubato.Torch.Comparison;

/// <summary>A small language model with AdamW, scored by the loss over fixed rows of its training text and by bits per byte of held-out text.</summary>
public sealed class LanguageModelTask : IComparisonTask
{
    private const double Clip = 1;
    private const int ScoredRows = 32;
    private const double DivergenceFactor = 2;

    private readonly ModelConfiguration _configuration;
    private readonly TokenSequence _text;
    private readonly ValidationText _heldOut;
    private readonly LanguageModelTaskOptions _options;
    private readonly AdamWOptions _adam = new();

    /// <summary>The task on one text.</summary>
    /// <param name="name">Name of the text.</param>
    /// <param name="fingerprint">A hash of the text and its split.</param>
    /// <param name="configuration">Sizes of the model.</param>
    /// <param name="text">Tokens to train on.</param>
    /// <param name="heldOut">Text to measure on.</param>
    /// <param name="options">Rows, batch, budget, rates.</param>
    public LanguageModelTask(
        string name, string fingerprint, ModelConfiguration configuration, TokenSequence text, ValidationText heldOut, LanguageModelTaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        (_configuration, _text, _heldOut, _options) = (configuration, text, heldOut, options);
        Description = new()
        {
            Name = $"{name}/adam",
            Optimizer = OptimizerKind.Adam,
            FullBudget = options.FullBudget,
            BaseRates = [.. options.BaseRates],
            Metric = "bits per byte",
            Settings = string.Create(
                CultureInfo.InvariantCulture,
                $"llama {configuration.BlockCount} x {configuration.EmbeddingLength}, {configuration.ParameterCount} parameters, vocabulary {configuration.VocabularySize}, text {fingerprint}, {options.Batch} x {options.Sequence} tokens, adamw beta1={_adam.Beta1} beta2={_adam.Beta2} weight-decay={_adam.WeightDecay} clip={Clip}"),
        };
    }

    /// <inheritdoc/>
    public TaskDescription Description { get; }

    /// <inheritdoc/>
    public CellResult Train(TrainingCell cell, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(cell);
        using var model = new LlamaModule(_configuration, cell.Seed);
        using var optimizer = new AdamW(model.Parameters, _adam);
        var (rates, rows) = (new CellRates(cell), new ShuffledRows(_text, _options.Sequence, cell.Seed));
        var batch = new TokenBatch(_options.Batch, _options.Sequence);
        var norms = cell.RecordNorms ? new GradientNormLog(cell.Updates) : null;
        for (var update = 0L; update < cell.Updates; update++)
        {
            stop.ThrowIfCancellationRequested();
            var (absolute, squares) = Gradient(model, rows, batch, update);
            norms?.Add(absolute, Math.Sqrt(squares));
            if (!double.IsFinite(squares))
            {
                return CellResult.Failed;
            }

            optimizer.Step(update + 1, rates.At(update), Math.Min(1, Clip / (Math.Sqrt(squares) + 1e-6)), rates.MomentumAt(update), rates.WeightDecayAt(update));
            if (rates.WantsLossAfter(update))
            {
                rates.Observe(update, Loss(model));
            }
        }

        var loss = Loss(model);
        return loss <= DivergenceFactor * Math.Log(_configuration.VocabularySize)
            ? new(loss) { Metric = _heldOut.Measure(model, ScoredRows).BitsPerByte, Norms = norms?.ToSequence() }
            : CellResult.Failed;
    }

    private (double Absolute, double Squares) Gradient(LlamaModule model, ShuffledRows rows, TokenBatch batch, long update)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            model.Parameters.Gradients.zero_();
        }

        var counted = batch.Read(rows, update * _options.Batch);
        var (inputs, targets) = batch.ToTensors();
        using TorchSharp.Scalar divisor = Math.Max(counted, 1);
        model.Loss(inputs, targets).div(divisor).backward();
        return GradientNorm.Sums(model.Parameters.Gradients);
    }

    /// <summary>Nats per token over the first rows of the training text, the same for all schedules and seeds.</summary>
    private double Loss(LlamaModule model)
    {
        using var unrecorded = no_grad();
        var (rows, batch) = (new ShuffledRows(_text, _options.Sequence, seed: 0), new TokenBatch(_options.Batch, _options.Sequence));
        var (nats, tokens) = (0.0, 0L);
        for (var row = 0; row < ScoredRows; row += _options.Batch)
        {
            using var scope = NewDisposeScope();
            tokens += batch.Read(rows, row);
            var (inputs, targets) = batch.ToTensors();
            nats += model.Loss(inputs, targets).item<float>();
        }

        return nats / tokens;
    }
}
