using System.Globalization;
using Rubato.Core;

namespace Rubato.Torch.Training;

/// <summary>The constants of AdamW.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the running mean of gradients, 0 … below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the running mean of squared gradients, 0 … below 1.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment; above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay of matrices per unit of learning rate; at least 0.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Checks every constant.</summary>
    /// <exception cref="InvalidOptionException">A constant is out of range.</exception>
    public void Validate()
    {
        if (!(Beta1 is >= 0 and < 1 && Beta2 is >= 0 and < 1 && Epsilon > 0 && WeightDecay >= 0))
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture,
                $"AdamW: beta1 {Beta1} and beta2 {Beta2} must lie in [0, 1), epsilon {Epsilon} above 0, "
                + $"weight decay {WeightDecay} at or above 0."));
        }
    }
}
