using Rubato.Core;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>How profiles, lengths and milestones are written.</summary>
internal static class ProfileTerms
{
    public static CallTerm Describe(IProfile profile) => profile is IDescribed described
        ? described.Describe()
        : throw new InvalidOptionException($"{profile.GetType().Name}: a profile of your own has no text or JSON form; build the schedule in code.");

    public static CallTerm Describe(IProfile profile, IndexConvention index) => profile is UbaProfile
        ? Describe(profile).With("phase", Words.Phase(index), Words.Phase(profile.DefaultIndex))
        : Describe(profile).With("index", Words.Of(index), Words.Of(profile.DefaultIndex));

    public static Term Part(BudgetPart part) => part.IsSteps ? new NumberTerm(part.Amount, "steps") : Share(part.Amount);

    /// <summary>In per cent where that reads back to the same bits.</summary>
    public static NumberTerm Share(double share)
    {
        var percent = Percent(share);
        return percent / 100 == share ? new(percent, "%") : new(share);
    }

    public static NumbersTerm Milestones(ValueList<double> shares)
    {
        var percents = new double[shares.Count];
        for (var i = 0; i < percents.Length; i++)
        {
            percents[i] = Percent(shares[i]);
            if (percents[i] / 100 != shares[i] || percents[i] != Math.Round(percents[i], 4))
            {
                return new(shares);
            }
        }

        return percents.Length > 1 ? new(new(percents), NumbersStyle.DashedPercent) : new(shares);
    }

    private static double Percent(double share) => Math.Round(share * 100, 10);
}
