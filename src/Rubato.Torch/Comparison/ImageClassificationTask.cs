using System.Globalization;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Refinement;
using Rubato.Models.DataSets;
using Rubato.Torch.GradientNorms;
using Rubato.Torch.Optimizers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Comparison;

/// <summary>A small model on images: SGD with momentum 0.9 and weight decay 5e-4, batch 128, ten epochs in the full budget.</summary>
/// <remarks>Scored by the loss over all training images at the end, and by the share of test images that it gets wrong.</remarks>
public sealed class ImageClassificationTask : IComparisonTask, IDisposable
{
    private const int Classes = 10;
    private const int Batch = 128;
    private const int FullEpochs = 10;
    private const double Momentum = 0.9;
    private const double WeightDecay = 5e-4;
    private const double DivergenceFactor = 10;

    private readonly LabelledImages _training;
    private readonly LabelledImages _test;
    private readonly ImageModelKind _model;
    private readonly (int Rows, int Columns) _size;

    /// <summary>The task on the first images of a set.</summary>
    /// <param name="name">Name of the task, before its optimizer.</param>
    /// <param name="model">What is trained.</param>
    /// <param name="training">Images to train on.</param>
    /// <param name="test">Images to count errors on.</param>
    /// <param name="trainingImages">How many of the training images are used, at least 1.</param>
    /// <param name="baseRates">The grid, ascending; null for 0.01, 0.03, 0.1, 0.3.</param>
    public ImageClassificationTask(string name, ImageModelKind model, ImageSet training, ImageSet test, int trainingImages = 12_000, double[]? baseRates = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(trainingImages, 1);
        var count = Math.Min(trainingImages, training.Count);
        (_model, _size) = (model, (training.Images.Dimensions[1], training.Images.Dimensions[2]));
        var scale = LabelledImages.Scale(training, count);
        _training = LabelledImages.From(training, count, scale);
        _test = LabelledImages.From(test, test.Count, scale);
        Description = new()
        {
            Name = $"{name}/sgd",
            Optimizer = OptimizerKind.Sgd,
            FullBudget = (long)FullEpochs * ((count + Batch - 1) / Batch),
            BaseRates = baseRates ?? [0.01, 0.03, 0.1, 0.3],
            SupportsScheduleFree = true,
            Metric = "test error",
            Settings = string.Create(
                CultureInfo.InvariantCulture,
                $"{model.ToString().ToLowerInvariant()}, {count} images of {_size.Rows} x {_size.Columns}, sha256 {LabelledImages.Fingerprint(training, test)}, batch {Batch}, sgd momentum={Momentum} weight-decay={WeightDecay}"),
        };
    }

    /// <inheritdoc/>
    public TaskDescription Description { get; }

    /// <inheritdoc/>
    public CellResult Train(TrainingCell cell, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(cell);
        using var model = Model(cell.Seed);
        using var momentum = new MomentumSgd(model.Parameters);
        using var scheduleFree = cell.ScheduleFree is { } options ? new ScheduleFreeSgd(model.Parameters, learningRate: 1, options.Beta, WeightDecay) : null;
        var (rates, norms) = (new CellRates(cell), cell.RecordNorms ? new GradientNormRecorder(cell.Updates) : null);
        var batches = new ShuffledBatches((int)_training.Labels.shape[0], Batch, cell.Seed);
        for (var update = 0L; update < cell.Updates; update++)
        {
            stop.ThrowIfCancellationRequested();
            Gradient(model, momentum, batches.Next());
            _ = norms?.Observe(model.Parameters);
            if (scheduleFree is not null)
            {
                scheduleFree.ParamGroups.Single().LearningRate = rates.At(update);
                _ = scheduleFree.step();
            }
            else
            {
                momentum.Step(rates.At(update), rates.MomentumAt(update) ?? Momentum, rates.WeightDecayAt(update) ?? WeightDecay);
            }

            if (rates.WantsLossAfter(update))
            {
                rates.Observe(update, Loss(model));
            }
        }

        scheduleFree?.Eval();
        var loss = Loss(model);
        return loss <= DivergenceFactor * Math.Log(Classes)
            ? new(loss) { Metric = TestError(model), Norms = norms?.Log.ToSequence() }
            : CellResult.Failed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _training.Dispose();
        _test.Dispose();
    }

    private ImageModel Model(ulong seed) => _model == ImageModelKind.Perceptron
        ? new Perceptron(_size.Rows * _size.Columns, Classes, seed)
        : new ConvolutionalNet(_size, Classes, seed);

    private void Gradient(ImageModel model, MomentumSgd optimizer, ReadOnlySpan<int> images)
    {
        using var scope = NewDisposeScope();
        var batch = tensor(Array.ConvertAll(images.ToArray(), index => (long)index));
        optimizer.ZeroGradients();
        F.cross_entropy(model.Logits(_training.Pixels.index_select(0, batch)), _training.Labels.index_select(0, batch)).backward();
    }

    private double Loss(ImageModel model)
    {
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        return F.cross_entropy(model.Logits(_training.Pixels), _training.Labels).item<float>();
    }

    private double TestError(ImageModel model)
    {
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        return model.Logits(_test.Pixels).argmax(1).ne(_test.Labels).to(ScalarType.Float64).mean().item<double>();
    }
}
