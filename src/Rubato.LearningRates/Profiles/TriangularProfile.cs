using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>Cyclic: up from the base to the peak and back in straight lines, over and over.</summary>
public sealed record TriangularProfile : IProfile, IDescribed
{
    /// <summary>Cycles of twice <paramref name="half"/>.</summary>
    /// <param name="half">Length of one rise, above 0.</param>
    /// <param name="floor">The lowest multiplier, 0 … 1.</param>
    public TriangularProfile(BudgetPart half, double floor = 0.1)
    {
        Half = Require.Part("triangular", "half").NotEmpty(half);
        Base = Require.Share("triangular", "base", floor);
    }

    /// <summary>Length of one rise.</summary>
    public BudgetPart Half { get; }

    /// <summary>The lowest multiplier.</summary>
    public double Base { get; }

    /// <inheritdoc/>
    public double At(double progress) => At(UpdateSpan.Share(progress), IndexConvention.ZeroBased);

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index)
    {
        var cycles = index.Progress(update) * update.Total / (2 * Half.In(update));
        var triangle = 1 - Math.Abs(2 * (cycles - Math.Floor(cycles)) - 1);
        return Base + (1 - Base) * triangle;
    }

    CallTerm IDescribed.Describe() => new CallTerm("triangular").WithPart("half", Half).With("base", Base, standard: 0.1);
}
