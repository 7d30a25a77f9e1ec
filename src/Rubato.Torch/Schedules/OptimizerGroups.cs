using System.Collections.Immutable;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.Torch.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch.optim;

namespace Rubato.Torch.Schedules;

/// <summary>The parameter groups of an optimiser as a schedule sees them: base rates to read; rate, momentum and weight decay to write.</summary>
/// <remarks>
/// A rate is always base × multiplier, never the current rate times something, so that a change from outside is undone and not compounded.
/// </remarks>
internal sealed class OptimizerGroups(Optimizer optimizer)
{
    /// <summary>The rate of every group at multiplier 1, in order.</summary>
    public ImmutableArray<double> BaseRates
    {
        get => [.. optimizer.ParamGroups.Select(group => group.InitialLearningRate)];
        set
        {
            var groups = optimizer.ParamGroups.ToArray();
            if (groups.Length != value.Length)
            {
                throw new InvalidOptionException($"the saved schedule has {value.Length} parameter groups, the optimiser {groups.Length}.");
            }

            foreach (var (group, rate) in groups.Zip(value))
            {
                group.InitialLearningRate = rate;
            }
        }
    }

    /// <summary>Finds out now, not at the first update, that a channel has nowhere to go.</summary>
    /// <exception cref="InvalidOptionException">A group has no momentum, or no weight decay, and the schedule has a curve for it.</exception>
    public void Require(bool momentum, bool weightDecay)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            Require(group, momentum, weightDecay);
        }
    }

    /// <summary>Writes the values of one update into every group.</summary>
    public void Apply(in ScheduleValues values)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            Require(group, values.Momentum is not null, values.WeightDecay is not null);
            group.LearningRate = group.InitialLearningRate * values.Multiplier;
            if (values.Momentum is { } momentum)
            {
                MomentumOf(group)!(momentum);
            }

            if (values.WeightDecay is { } decay)
            {
                WeightDecayOf(group)!(decay);
            }
        }
    }

    private void Require(ILearningRateController group, bool momentum, bool weightDecay)
    {
        if (momentum && MomentumOf(group) is null)
        {
            throw new InvalidOptionException($"{optimizer.GetType().Name} has no momentum, but the schedule has a curve for it.");
        }

        if (weightDecay && WeightDecayOf(group) is null)
        {
            throw new InvalidOptionException($"the weight decay of {optimizer.GetType().Name} cannot be changed, but the schedule has a curve for it.");
        }
    }

    private static Action<double>? MomentumOf(ILearningRateController group) => group switch
    {
        IBetas betas => value => betas.Betas = (value, betas.Betas.Item2),
        IMomentum sgd => value => sgd.Momentum = value,
        _ => null,
    };

    private static Action<double>? WeightDecayOf(ILearningRateController group) => (group as ParamGroup)?.Options switch
    {
        SGD.Options options => value => options.weight_decay = value,
        Adam.Options options => value => options.weight_decay = value,
        AdamW.Options options => value => options.weight_decay = value,
        NAdam.Options options => value => options.weight_decay = value,
        RAdam.Options options => value => options.weight_decay = value,
        RMSProp.Options options => value => options.weight_decay = value,
        Adagrad.Options options => value => options.weight_decay = value,
        Adadelta.Options options => value => options.weight_decay = value,
        Adamax.Options options => value => options.weight_decay = value,
        ASGD.Options options => value => options.weight_decay = value,
        ScheduleFreeSgd.Options options => value => options.WeightDecay = value,
        _ => null,
    };
}
