using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rubato.Torch.Optimizers;

/// <summary>SGD with momentum as PyTorch defines it: v ← μ v + g + λ w, w ← w − γ v; μ, λ and γ may change with every update.</summary>
/// <remarks>The library's own optimiser hands scalars to libtorch that the garbage collector may take away meanwhile: docs/decisions/0006.</remarks>
/// <param name="parameters">What to train; the caller disposes them.</param>
internal sealed class MomentumSgd(Parameter[] parameters) : IDisposable
{
    private readonly Tensor[] _velocities = Array.ConvertAll(parameters, parameter => zeros_like(parameter).DetachFromDisposeScope());

    /// <summary>One update from the gradients; parameters without one stay.</summary>
    public void Step(double rate, double momentum, double weightDecay)
    {
        using var unrecorded = no_grad();
        using Scalar keep = momentum, decay = weightDecay, descent = -rate;
        for (var i = 0; i < parameters.Length; i++)
        {
            using var gradient = parameters[i].grad;
            if (gradient is not null)
            {
                _velocities[i].mul_(keep).add_(gradient, Scalars.One).add_(parameters[i], alpha: decay);
                parameters[i].add_(_velocities[i], alpha: descent);
            }
        }
    }

    /// <summary>Sets the gradients to zero.</summary>
    public void ZeroGradients()
    {
        using var unrecorded = no_grad();
        foreach (var parameter in parameters)
        {
            using var gradient = parameter.grad;
            gradient?.zero_();
        }
    }

    public void Dispose() => Array.ForEach(_velocities, velocity => velocity.Dispose());
}
