using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Profiles;

/// <summary>Ranges of the parameters of profiles.</summary>
internal static class Require
{
    public static double Positive(string profile, string parameter, double value) => value > 0 && double.IsFinite(value)
        ? value : throw Outside(profile, parameter, value, "a number above 0");

    public static double Finite(string profile, string parameter, double value) => double.IsFinite(value)
        ? value : throw Outside(profile, parameter, value, "a finite number");

    public static double Share(string profile, string parameter, double value) => value is >= 0 and <= 1
        ? value : throw Outside(profile, parameter, value, "0 … 1");

    public static double Below1(string profile, string parameter, double value) => value is >= 0 and < 1
        ? value : throw Outside(profile, parameter, value, "at least 0 and below 1");

    public static double AboveZeroTo1(string profile, string parameter, double value) => value is > 0 and <= 1
        ? value : throw Outside(profile, parameter, value, "above 0 and at most 1");

    public static BudgetPartOwner Part(string profile, string parameter) => new(profile, parameter);

    public static InvalidOptionException Outside(string profile, string parameter, double value, string rule) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{profile}: {parameter} is {value} but must be {rule}."));

    /// <summary>Checks a part of the budget for the profile and parameter that it belongs to.</summary>
    internal readonly record struct BudgetPartOwner(string Profile, string Parameter)
    {
        public Schedules.BudgetPart NotEmpty(Schedules.BudgetPart part) => part.Amount > 0
            ? part : throw Outside(Profile, Parameter, part.Amount, "above 0");
    }
}
