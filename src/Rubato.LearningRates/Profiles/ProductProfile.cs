using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>The product of two profiles.</summary>
public sealed record ProductProfile : IProfile, IDescribed
{
    /// <summary><paramref name="first"/> times <paramref name="second"/>.</summary>
    public ProductProfile(IProfile first, IProfile second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        First = first;
        Second = second;
    }

    /// <summary>One factor; its index convention is the product's default.</summary>
    public IProfile First { get; }

    /// <summary>The other factor.</summary>
    public IProfile Second { get; }

    /// <inheritdoc/>
    public IndexConvention DefaultIndex => First.DefaultIndex;

    /// <inheritdoc/>
    public double At(double progress) => First.At(progress) * Second.At(progress);

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index) => First.At(update, index) * Second.At(update, index);

    CallTerm IDescribed.Describe() => new CallTerm("product").With(null, ProfileTerms.Describe(First)).With(null, ProfileTerms.Describe(Second));
}
