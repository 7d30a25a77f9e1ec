using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.GradientNorms;

/// <summary>The gradient norms of a run, one pair an update (or one a block of updates): ℓ1 and ℓ2 over all parameters together.</summary>
/// <remarks>To be taken before clipping, before weight decay is added, after un-scaling and accumulation. A file with one norm an update gives it as both.</remarks>
public sealed class GradientNormSequence
{
    /// <summary>Norms that were read or recorded.</summary>
    /// <param name="l1">ℓ1 norms, one an update.</param>
    /// <param name="l2">ℓ2 norms, as many.</param>
    public GradientNormSequence(double[] l1, double[] l2)
    {
        ArgumentNullException.ThrowIfNull(l1);
        ArgumentNullException.ThrowIfNull(l2);
        if (l1.Length != l2.Length)
        {
            throw new ArgumentException($"There are {l1.Length} ℓ1 norms but {l2.Length} ℓ2 norms.", nameof(l2));
        }

        L1 = l1;
        L2 = l2;
    }

    /// <summary>ℓ1 norms, one an update.</summary>
    public IReadOnlyList<double> L1 { get; }

    /// <summary>ℓ2 norms, one an update.</summary>
    public IReadOnlyList<double> L2 { get; }

    /// <summary>How many there are.</summary>
    public int Count => L1.Count;

    /// <summary>The norms that belong to <paramref name="optimizer"/>: ℓ2 for SGD, ℓ1 for Adam.</summary>
    public double[] For(OptimizerKind optimizer) => [.. optimizer == OptimizerKind.Adam ? L1 : L2];
}
