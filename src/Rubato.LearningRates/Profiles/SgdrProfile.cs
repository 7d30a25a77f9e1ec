using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>Cosine decay with warm restarts: every period is a half wave, and each is longer than the one before by a factor.</summary>
public sealed record SgdrProfile : IProfile, IDescribed
{
    /// <summary>Restarts after <paramref name="period"/>, then after ever longer periods.</summary>
    /// <param name="period">The first period, above 0.</param>
    /// <param name="factor">Next period ÷ period, at least 1.</param>
    public SgdrProfile(BudgetPart period, double factor = 1)
    {
        Period = Require.Part("sgdr", "period").NotEmpty(period);
        Factor = factor >= 1 && double.IsFinite(factor) ? factor : throw Require.Outside("sgdr", "mult", factor, "a number of at least 1");
    }

    /// <summary>The first period.</summary>
    public BudgetPart Period { get; }

    /// <summary>Next period ÷ period.</summary>
    public double Factor { get; }

    /// <inheritdoc/>
    public double At(double progress) => At(UpdateSpan.Share(progress), IndexConvention.ZeroBased);

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index)
    {
        var spent = index.Progress(update) * update.Total;
        var period = Period.In(update);
        if (Factor == 1)
        {
            var periods = spent / period;
            return CosineProfile.Wave(update.Begin >= update.Total ? 1 : periods - Math.Floor(periods));
        }

        var begin = 0.0;
        while (spent >= begin + period)
        {
            begin += period;
            period *= Factor;
        }

        return CosineProfile.Wave(update.Begin >= update.Total && spent == begin ? 1 : (spent - begin) / period);
    }

    CallTerm IDescribed.Describe() => new CallTerm("sgdr").WithPart("period", Period).With("mult", Factor, standard: 1);
}
