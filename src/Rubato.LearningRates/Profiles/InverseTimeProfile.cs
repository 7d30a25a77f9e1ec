using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>(W / (t + W))^p: p = ½ is inverse square root, p = 1 is 1/t; both end above 0.</summary>
public sealed record InverseTimeProfile : IProfile, IDescribed
{
    /// <summary>A decay with offset <paramref name="offset"/>.</summary>
    /// <param name="offset">W, above 0: one step gives 1/√(t + 1); after a warm-up use its length.</param>
    /// <param name="squareRoot">p = ½ instead of 1.</param>
    public InverseTimeProfile(BudgetPart offset, bool squareRoot)
    {
        Offset = Require.Part(squareRoot ? "inverse-sqrt" : "inverse-time", "offset").NotEmpty(offset);
        SquareRoot = squareRoot;
    }

    /// <summary>W.</summary>
    public BudgetPart Offset { get; }

    /// <summary>Whether p is ½.</summary>
    public bool SquareRoot { get; }

    /// <inheritdoc/>
    /// <exception cref="Rubato.Core.InvalidOptionException">The offset counts updates.</exception>
    public double At(double progress) => At(UpdateSpan.Share(progress), IndexConvention.ZeroBased);

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index)
    {
        var offset = Offset.In(update);
        var ratio = offset / (index.Progress(update) * update.Total + offset);
        return SquareRoot ? Math.Sqrt(ratio) : ratio;
    }

    CallTerm IDescribed.Describe() => new CallTerm(SquareRoot ? "inverse-sqrt" : "inverse-time").WithPart("offset", Offset);
}
