using Rubato.Core;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>γᵗ: a fixed factor with every update, whatever the budget (PyTorch's exponential decay).</summary>
public sealed record GeometricProfile : IProfile, IDescribed
{
    /// <summary>A decay by <paramref name="gamma"/> an update.</summary>
    /// <param name="gamma">Above 0, at most 1.</param>
    public GeometricProfile(double gamma) => Gamma = Require.AboveZeroTo1("exponential", "gamma", gamma);

    /// <summary>The factor of one update, γ.</summary>
    public double Gamma { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionException">Always but at progress 0: without a count of updates the value is unknown.</exception>
    public double At(double progress) => At(UpdateSpan.Share(progress), IndexConvention.ZeroBased);

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index)
    {
        var spent = index.Progress(update) * update.Total;
        return spent == 0 ? 1
            : update.Length > 0 ? Math.Pow(Gamma, spent / update.Length)
            : throw new InvalidOptionException("exponential(gamma=…): counts updates, but this budget does not; use exponential(final=0.01).");
    }

    CallTerm IDescribed.Describe() => new CallTerm("exponential").With("gamma", Gamma);
}
