using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.Torch.Checkpoints;
using Rubato.Torch.Data;
using Rubato.Torch.GradientNorms;
using Rubato.Torch.Llama;
using Rubato.Torch.Reports;
using static TorchSharp.torch;

namespace Rubato.Torch.Training;

/// <summary>Trains a model within a budget: AdamW, gradient accumulation and clipping, a schedule over the budget, exact resume.</summary>
/// <remarks>
/// Everything that a run does follows from model, data, options and <see cref="Progress"/>; a run restored from a checkpoint goes on
/// bit for bit as if it had not stopped, as long as its budget does not count time. Not thread-safe.
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly LlamaModule _model;
    private readonly ITrainingRows _rows;
    private readonly ValidationText? _validation;
    private readonly TrainerOptions _options;
    private readonly TimeProvider _clock;
    private readonly AdamW _optimizer;
    private readonly TokenBatch[] _batches;
    private readonly BudgetedSchedule _schedule;
    private Duration _spentBefore;
    private long _startedAt;

    /// <summary>Prepares a run from the start.</summary>
    /// <param name="model">The model to train in place; the caller disposes it.</param>
    /// <param name="rows">Training data.</param>
    /// <param name="validation">Held-out text, or null.</param>
    /// <param name="options">How to train.</param>
    /// <param name="clock">Measures training time.</param>
    /// <exception cref="InvalidOptionException">An option is out of range.</exception>
    public Trainer(LlamaModule model, ITrainingRows rows, ValidationText? validation, TrainerOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        options.Validate();
        (_model, _rows, _validation, _options, _clock) = (model, rows, validation, options, clock);
        _optimizer = new(model.Parameters, options.Optimizer);
        _batches = [.. Enumerable.Range(0, options.Accumulate).Select(_ => new TokenBatch(options.Batch, rows.Sequence))];
        _schedule = new(options.Schedule, InUpdatesWherePossible(options, rows));
        _startedAt = clock.GetTimestamp();
    }

    /// <summary>How far the run is.</summary>
    public TrainerProgress Progress { get; private set; } = TrainerProgress.Start;

    /// <summary>The same in the units of budgets.</summary>
    public TrainingCounters Counters => new(
        Progress.Steps, Progress.Rows * _rows.Sequence, Progress.Rows / (double)_rows.RowsPerEpoch, Progress.Elapsed, Progress.Rows);

    /// <summary>Updates in the budget, or null when it counts time or cost.</summary>
    public long? Updates => _schedule.Steps?.Steps;

    /// <summary>Spent share of the budget, 0 … 1.</summary>
    public double SpentShare => _options.Budget.Progress(Counters);

    /// <summary>Trains until the budget is spent or <paramref name="stop"/> is signalled, between two updates.</summary>
    /// <param name="observer">Sees every update and measurement.</param>
    /// <param name="checkpoints">Where checkpoints go, or null for none; one is written at the end in any case.</param>
    /// <param name="stop">Ends the run early; it can be resumed.</param>
    /// <returns>Whether the budget is spent.</returns>
    /// <exception cref="RubatoException">The loss is no longer a number, or a checkpoint cannot be written.</exception>
    public bool Run(ITrainingObserver observer, CheckpointFolder? checkpoints, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _spentBefore = Progress.Elapsed;
        _startedAt = _clock.GetTimestamp();
        var savedAt = Progress.Elapsed;
        while (SpentShare < 1 && !stop.IsCancellationRequested)
        {
            observer.OnUpdate(Update());
            ValidateWhenDue(observer, stop);
            if (checkpoints is not null && Progress.Elapsed - savedAt >= _options.CheckpointEvery)
            {
                checkpoints.Save(this);
                savedAt = Progress.Elapsed;
            }
        }

        checkpoints?.Save(this);
        return SpentShare >= 1;
    }

    /// <summary>One update of the weights: <see cref="TrainerOptions.Accumulate"/> passes, clipping, one AdamW step.</summary>
    /// <exception cref="RubatoException">The loss or the gradient is no longer a number.</exception>
    public UpdateReport Update()
    {
        var (multiplier, momentum, weightDecay, progress) = _schedule.Next(Counters);
        var rate = _options.LearningRate * multiplier;
        var began = Progress.Elapsed;
        var (loss, l1, norm) = Gradients();
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            throw new RubatoException(string.Create(
                CultureInfo.InvariantCulture,
                $"Training diverged at update {Progress.Steps + 1}: loss {loss}, gradient norm {norm}; "
                + $"lower --lr (now {_options.LearningRate})."));
        }

        _optimizer.Step(Progress.Steps + 1, rate, Math.Min(1, _options.GradientClip / (norm + 1e-6)), momentum, weightDecay);
        var rows = _options.Batch * _options.Accumulate;
        Progress = Progress with
        {
            Steps = Progress.Steps + 1,
            Rows = Progress.Rows + rows,
            Elapsed = _spentBefore + Duration.FromTimeSpan(_clock.GetElapsedTime(_startedAt)),
        };
        var seconds = Math.Max((Progress.Elapsed - began).Seconds, 1e-9);
        return new(Counters, progress, loss, rate, norm, rows * _rows.Sequence / seconds)
        {
            GradientL1 = l1,
            Momentum = momentum,
            WeightDecay = weightDecay,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    /// <summary>The state to save, by name; the tensors stay owned by the trainer.</summary>
    internal IEnumerable<(string Name, Tensor Flat)> State()
    {
        yield return ("weight", _model.Parameters.Values);
        yield return ("first_moment", _optimizer.FirstMoment);
        yield return ("second_moment", _optimizer.SecondMoment);
    }

    internal LlamaModule Model => _model;

    internal void Restore(TrainerProgress progress)
    {
        Progress = progress;
        _spentBefore = progress.Elapsed;
        _startedAt = _clock.GetTimestamp();
    }

    /// <summary>Fills the gradients with the mean over all counted tokens of the update.</summary>
    private (double Loss, double? L1, double L2) Gradients()
    {
        using var scope = NewDisposeScope();
        long counted = 0;
        for (var i = 0; i < _batches.Length; i++)
        {
            counted += _batches[i].Read(_rows, Progress.Rows + (long)i * _options.Batch);
        }

        using (no_grad())
        {
            _model.Parameters.Gradients.zero_();
        }

        double nats = 0;
        foreach (var batch in _batches)
        {
            using var pass = NewDisposeScope();
            var (inputs, targets) = batch.ToTensors();
            using TorchSharp.Scalar divisor = Math.Max(counted, 1);
            var loss = _model.Loss(inputs, targets).div(divisor);
            loss.backward();
            nats += loss.item<float>();
        }

        if (!_options.RecordNorms)
        {
            return (nats, null, _model.Parameters.Gradients.norm().item<float>());
        }

        var (absolute, squares) = GradientNorm.Sums(_model.Parameters.Gradients);
        return (nats, absolute, Math.Sqrt(squares));
    }

    /// <summary>Every update reads the same number of rows, so that all budgets but those of time and cost are exact numbers of updates.</summary>
    private static TrainingBudget InUpdatesWherePossible(TrainerOptions options, ITrainingRows rows)
    {
        if (options.Budget.Unit is BudgetUnit.Seconds or BudgetUnit.Cost)
        {
            return options.Budget;
        }

        var perUpdate = (long)options.Batch * options.Accumulate;
        return options.Budget.InSteps(new(1, perUpdate * rows.Sequence, perUpdate / (double)rows.RowsPerEpoch, Duration.Zero, perUpdate));
    }

    private void ValidateWhenDue(ITrainingObserver observer, CancellationToken stop)
    {
        var due = (int)(SpentShare * _options.Validations);
        if (_validation is null || due <= Progress.Validations || stop.IsCancellationRequested)
        {
            return;
        }

        observer.OnValidation(Counters, _validation.Measure(_model, _options.ValidationRows));
        Progress = Progress with { Validations = due };
    }
}
