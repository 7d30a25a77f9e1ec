using Rubato.LearningRates.GradientNorms;
using TorchSharp.Modules;

namespace Rubato.Torch.GradientNorms;

/// <summary>Records the gradient norms of a run, from which <c>ScheduleRefiner</c> makes the schedule of the next.</summary>
/// <remarks>
/// Call <see cref="Observe"/> once per update, when accumulation is over and the gradient is un-scaled, before clipping and before weight decay is added: clipped
/// norms are flat, and refine to nothing but linear decay.
/// </remarks>
/// <param name="expectedUpdates">Updates of the run, at least 1; above 10⁶ the log keeps block means.</param>
public sealed class GradientNormRecorder(long expectedUpdates)
{
    /// <summary>What was recorded.</summary>
    public GradientNormLog Log { get; } = new(expectedUpdates);

    /// <summary>Measures and keeps the norms of the gradients of <paramref name="parameters"/>, all together.</summary>
    /// <param name="parameters">All parameters of all groups; those without a gradient count as 0.</param>
    /// <returns>ℓ1 and ℓ2 norm, accumulated in double precision.</returns>
    public (double L1, double L2) Observe(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double absolute = 0, squares = 0;
        foreach (var parameter in parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is not null)
            {
                var (a, s) = GradientNorm.Sums(gradient);
                (absolute, squares) = (absolute + a, squares + s);
            }
        }

        var norms = (absolute, Math.Sqrt(squares));
        Log.Add(norms.absolute, norms.Item2);
        return norms;
    }
}
