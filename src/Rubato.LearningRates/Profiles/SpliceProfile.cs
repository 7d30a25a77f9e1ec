using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>One profile up to a share of the budget, then another from the point where it has the same value: a change of mind without a jump.</summary>
public sealed record SpliceProfile : IProfile, IDescribed
{
    private readonly double _entry;

    /// <summary><paramref name="first"/> until <paramref name="at"/>, then the rest of <paramref name="second"/> over the rest of the budget.</summary>
    /// <param name="at">Share of the budget, 0 … below 1.</param>
    /// <param name="first">The profile so far.</param>
    /// <param name="second">The profile from there on; it needs a closed-form inverse.</param>
    /// <exception cref="InvalidOptionException">The second profile has no known point with the first one's value.</exception>
    public SpliceProfile(double at, IProfile first, IProfile second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        SwitchAt = Require.Below1("splice", "at", at);
        First = first;
        Second = second;
        var value = first.At(at);
        _entry = second.Inverse(value) ?? throw new InvalidOptionException(string.Create(
            CultureInfo.InvariantCulture, $"splice: the second profile has no known point with the value {value} that the first has at {100 * at:0.###}%."));
    }

    /// <summary>Share of the budget of the first profile.</summary>
    public double SwitchAt { get; }

    /// <summary>The profile before.</summary>
    public IProfile First { get; }

    /// <summary>The profile after.</summary>
    public IProfile Second { get; }

    /// <inheritdoc/>
    public IndexConvention DefaultIndex => First.DefaultIndex;

    /// <inheritdoc/>
    public double At(double progress)
    {
        var u = Math.Clamp(progress, 0, 1);
        return u < SwitchAt ? First.At(u) : Second.At(_entry + (1 - _entry) * ((u - SwitchAt) / (1 - SwitchAt)));
    }

    CallTerm IDescribed.Describe() => new CallTerm("splice")
        .WithShare("at", SwitchAt).With(null, ProfileTerms.Describe(First)).With(null, ProfileTerms.Describe(Second));
}
