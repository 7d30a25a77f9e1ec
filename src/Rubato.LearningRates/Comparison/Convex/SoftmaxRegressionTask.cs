using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Softmax regression from zero weights: features scaled to [−1, 1], batch 16, full budget 100 epochs, scored by the loss over all examples.</summary>
/// <remarks>Convex: theory speaks about it, and the seed decides nothing but the order of the data.</remarks>
public sealed class SoftmaxRegressionTask : IComparisonTask
{
    /// <summary>Examples a batch.</summary>
    public const int Batch = 16;

    /// <summary>Epochs in the full budget.</summary>
    public const int FullEpochs = 100;

    /// <summary>Momentum of <see cref="ConvexOptimizer.SgdMomentum"/>.</summary>
    public const double Momentum = 0.9;

    /// <summary>A run that ends with this many times the loss of the untrained model has diverged.</summary>
    public const double DivergenceFactor = 10;

    private const int StopCheckInterval = 1024;

    private readonly ClassificationSet _data;
    private readonly ConvexOptimizer _optimizer;

    /// <summary>The task of one data set and optimizer.</summary>
    /// <param name="data">The data; its features are scaled here.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="baseRates">The grid, ascending; null for <see cref="StandardRates"/>.</param>
    public SoftmaxRegressionTask(ClassificationSet data, ConvexOptimizer optimizer, double[]? baseRates = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        _data = data.Scaled();
        _optimizer = optimizer;
        var (group, constants) = optimizer switch
        {
            ConvexOptimizer.Adam => ("adam", string.Create(CultureInfo.InvariantCulture, $"adam beta1={AdamUpdate.Beta1} beta2={AdamUpdate.Beta2} epsilon={AdamUpdate.Epsilon}")),
            ConvexOptimizer.SgdMomentum => ("sgdm", string.Create(CultureInfo.InvariantCulture, $"sgd momentum={Momentum}")),
            _ => ("sgd", "sgd momentum=0"),
        };
        Description = new()
        {
            Name = $"{data.Name}/{group}",
            Optimizer = optimizer == ConvexOptimizer.Adam ? OptimizerKind.Adam : OptimizerKind.Sgd,
            Group = group,
            FullBudget = (long)FullEpochs * ((data.Count + Batch - 1) / Batch),
            BaseRates = baseRates ?? StandardRates(optimizer),
            SupportsScheduleFree = optimizer == ConvexOptimizer.Sgd,
            Settings = $"softmax regression, {data.Count} x {data.Width} in {data.Classes} classes, sha256 {data.Fingerprint()}, batch {Batch}, {constants}",
        };
    }

    /// <inheritdoc/>
    public TaskDescription Description { get; }

    /// <summary>Powers of two: 2⁻⁴ … 2⁶ for SGD, an eighth of that with momentum, 2⁻⁹ … 2² for Adam.</summary>
    public static double[] StandardRates(ConvexOptimizer optimizer)
    {
        var (low, high) = optimizer switch { ConvexOptimizer.Adam => (-9, 2), ConvexOptimizer.SgdMomentum => (-7, 3), _ => (-4, 6) };
        return [.. Enumerable.Range(low, high - low + 1).Select(exponent => Math.ScaleB(1, exponent))];
    }

    /// <inheritdoc/>
    public CellResult Train(TrainingCell cell, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(cell);
        var (model, rates, batches) = (new SoftmaxModel(_data), new CellRates(cell), new ShuffledBatches(_data.Count, Batch, cell.Seed));
        var (optimizer, gradient) = (Optimizer(cell, model.Weights), new double[model.Weights]);
        var norms = cell.RecordNorms ? new GradientNormLog(cell.Updates) : null;
        for (var update = 0L; update < cell.Updates; update++)
        {
            if (update % StopCheckInterval == 0)
            {
                stop.ThrowIfCancellationRequested();
            }

            model.Gradient(optimizer.Weights, batches.Next(), gradient);
            norms?.Add(gradient.Sum(Math.Abs), Math.Sqrt(gradient.Sum(g => g * g)));
            optimizer.Step(gradient, rates.At(update), rates.MomentumAt(update));
            if (rates.WantsLossAfter(update))
            {
                rates.Observe(update, model.Loss(optimizer.Evaluated));
            }
        }

        var loss = model.Loss(optimizer.Evaluated);
        return loss <= DivergenceFactor * DeterministicMath.Log(_data.Classes) ? new(loss) { Norms = norms?.ToSequence() } : CellResult.Failed;
    }

    private IWeightUpdate Optimizer(TrainingCell cell, int weights) =>
        cell.ScheduleFree is { } options ? new ScheduleFreeSgd(weights, options)
        : _optimizer == ConvexOptimizer.Adam ? new AdamUpdate(weights)
        : new SgdUpdate(weights, _optimizer == ConvexOptimizer.SgdMomentum ? Momentum : 0);
}
