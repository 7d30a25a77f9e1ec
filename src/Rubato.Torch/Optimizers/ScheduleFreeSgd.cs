using Rubato.Core;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rubato.Torch.Optimizers;

/// <summary>Schedule-Free SGD: no schedule and no budget, the baseline that schedules must beat.</summary>
/// <remarks>
/// <para>Gradients are taken at y = (1 − β) z + β x, steps are made in z, and x is the running average of z: z ← z − γ ∇f(y), x ← (1 − c) x + c z, with
/// c = ω / Σω and ω the square of the largest rate so far, so that a warm-up weighs little. In training mode the parameters hold y; call <see cref="Eval"/> before
/// evaluating or saving the model (they then hold x), and <see cref="Train"/> before going on.</para>
/// <para>Source: Defazio et al., "The Road Less Scheduled", 2024, and the SGD variant of its published implementation. Not thread-safe.</para>
/// </remarks>
public sealed class ScheduleFreeSgd : OptimizerHelper
{
    /// <summary>One group of <paramref name="parameters"/>.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">γ, above 0.</param>
    /// <param name="momentum">β, above 0 and at most 1: how much of the average the gradient is taken at.</param>
    /// <param name="weightDecay">Added to the gradient times y; at least 0.</param>
    /// <param name="warmup">Updates in which the rate rises linearly; at least 0.</param>
    /// <exception cref="InvalidOptionException">A constant is out of range.</exception>
    public ScheduleFreeSgd(IEnumerable<Parameter> parameters, double learningRate = 1.0, double momentum = 0.9, double weightDecay = 0, long warmup = 0)
        : this([new ParamGroup { Parameters = parameters }], learningRate, momentum, weightDecay, warmup)
    {
    }

    /// <summary>Several groups; what a group does not say comes from the other arguments.</summary>
    /// <exception cref="InvalidOptionException">A constant is out of range.</exception>
    public ScheduleFreeSgd(IEnumerable<ParamGroup> groups, double learningRate = 1.0, double momentum = 0.9, double weightDecay = 0, long warmup = 0)
    {
        ArgumentNullException.ThrowIfNull(groups);
        if (!(learningRate > 0 && momentum is > 0 and <= 1 && weightDecay >= 0 && warmup >= 0))
        {
            throw new InvalidOptionException(FormattableString.Invariant(
                $"Schedule-Free SGD: rate {learningRate} must be above 0, momentum {momentum} in (0, 1], weight decay {weightDecay} and warm-up {warmup} at least 0."));
        }

        _defaults = new Options { LearningRate = learningRate, InitialLearningRate = learningRate, Momentum = momentum, WeightDecay = weightDecay, Warmup = warmup };
        _parameter_groups = [];
        foreach (var group in groups)
        {
            add_param_group(group);
        }
    }

    /// <summary>Whether the parameters hold y, where gradients are taken, and not the average x.</summary>
    /// <remarks>Saved with the state.</remarks>
    public bool Training => !_parameter_groups.Any(group => ((Options)group.Options).Averaged);

    /// <summary>Lets the parameters hold the average x, for evaluation and for saving the model. Nothing happens when they do.</summary>
    public void Eval() => Switch(training: false);

    /// <summary>Lets the parameters hold y again, for training. Nothing happens when they do.</summary>
    public void Train() => Switch(training: true);

    /// <summary>One update.</summary>
    /// <param name="closure">Evaluates the loss anew, or null.</param>
    /// <returns>The closure's loss, or null.</returns>
    /// <exception cref="InvalidOperationException">The parameters hold the average; call <see cref="Train"/> first.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        if (!Training)
        {
            throw new InvalidOperationException("Schedule-Free SGD: call Train() before step(); the parameters hold the average.");
        }

        return _step<ParamGroup>(Update, closure);
    }

    /// <inheritdoc/>
    public override void add_param_group(TorchSharp.Modules.ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        var defaults = (Options)_defaults;
        param_group.Options ??= new Options { Momentum = defaults.Momentum, WeightDecay = defaults.WeightDecay, Warmup = defaults.Warmup };
        param_group.Options.LearningRate ??= defaults.LearningRate;
        param_group.Options.InitialLearningRate = param_group.Options.LearningRate!.Value;
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters)
        {
            _state[parameter.Handle] = new State(parameter);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach (var (_, state) in _state)
            {
                ((State)state).Z.Dispose();
            }

            _state.Clear();
        }
    }

    private void Update(ParamGroup group)
    {
        var options = group.Options;
        var ramp = options.Steps < options.Warmup ? (options.Steps + 1.0) / options.Warmup : 1;
        var rate = options.LearningRate!.Value * ramp;
        options.LargestRate = Math.Max(options.LargestRate, rate);
        var weight = options.LargestRate * options.LargestRate;
        options.WeightSum += weight;
        var average = options.WeightSum > 0 ? weight / options.WeightSum : 0;
        options.Steps++;

        // Scalars that live to the end of the method: docs/decisions/0006.
        using Scalar keep = 1 - average, towardsZ = average, decay = options.WeightDecay, step = rate * (options.Momentum * (1 - average) - 1), descent = -rate;
        foreach (var parameter in group.Parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is null)
            {
                continue;
            }

            var z = ((State)_state[parameter.Handle]).Z;
            var direction = options.WeightDecay > 0 ? gradient.add(parameter, alpha: decay) : gradient;
            parameter.mul_(keep).add_(z, alpha: towardsZ).add_(direction, alpha: step);
            z.add_(direction, alpha: descent);
        }
    }

    private void Switch(bool training)
    {
        if (training == Training)
        {
            return;
        }

        using var unrecorded = no_grad();
        foreach (var group in _parameter_groups)
        {
            var options = (Options)group.Options;
            var beta = options.Momentum;
            options.Averaged = !training;
            using Scalar keep = training ? beta : 1 / beta, towardsZ = training ? 1 - beta : 1 - 1 / beta; // y = β x + (1 − β) z, and back.
            foreach (var parameter in group.Parameters)
            {
                _ = parameter.mul_(keep).add_(((State)_state[parameter.Handle]).Z, alpha: towardsZ);
            }
        }
    }

    /// <summary>The constants and counters of a group.</summary>
    public sealed class Options : OptimizerOptions
    {
        /// <summary>β, above 0 and at most 1.</summary>
        public double Momentum { get; set; } = 0.9;

        /// <summary>Weight decay at y, at least 0.</summary>
        public double WeightDecay { get; set; }

        /// <summary>Updates in which the rate rises.</summary>
        public long Warmup { get; set; }

        internal bool Averaged { get; set; }

        internal long Steps { get; set; }

        internal double LargestRate { get; set; }

        internal double WeightSum { get; set; }

        /// <inheritdoc/>
        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(Momentum);
            writer.Write(WeightDecay);
            writer.Write(Warmup);
            writer.Write(Averaged);
            writer.Write(Steps);
            writer.Write(LargestRate);
            writer.Write(WeightSum);
        }

        /// <inheritdoc/>
        public override void LoadStateDict(BinaryReader reader)
        {
            ArgumentNullException.ThrowIfNull(reader);
            base.LoadStateDict(reader);
            Momentum = reader.ReadDouble();
            WeightDecay = reader.ReadDouble();
            Warmup = reader.ReadInt64();
            Averaged = reader.ReadBoolean();
            Steps = reader.ReadInt64();
            LargestRate = reader.ReadDouble();
            WeightSum = reader.ReadDouble();
        }

        /// <inheritdoc/>
        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            (Momentum, WeightDecay, Warmup) = (other.Momentum, other.WeightDecay, other.Warmup);
            (Averaged, Steps, LargestRate, WeightSum) = (other.Averaged, other.Steps, other.LargestRate, other.WeightSum);
        }
    }

    /// <summary>Parameters with constants of their own.</summary>
    public sealed class ParamGroup : ParamGroup<Options>;

    /// <summary>The sequence z of one parameter.</summary>
    private sealed class State(Parameter parameter) : OptimizerState(parameter)
    {
        public Tensor Z { get; private set; } = parameter.detach().clone().DetachFromDisposeScope();

        public override void Initialize(OptimizerOptions options)
        {
            using var unrecorded = no_grad();
            Z.copy_(_parameter);
        }

        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, Z);

        public override void LoadStateDict(BinaryReader reader)
        {
            var read = Z;
            LoadConditionalStateTensor(reader, ref read, Z.device);
            Z = read.DetachFromDisposeScope();
        }

        public override void LoadStateDict(OptimizerState source)
        {
            using var unrecorded = no_grad();
            Z.copy_(((State)source).Z);
        }

        public override void to(Device device)
        {
            var old = Z;
            Z = old.to(device).DetachFromDisposeScope();
            if (!ReferenceEquals(old, Z))
            {
                old.Dispose();
            }
        }
    }
}
