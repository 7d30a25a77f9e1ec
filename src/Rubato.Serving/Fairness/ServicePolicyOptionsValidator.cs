using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Rubato.Core;
using Rubato.Serving.Journal;

namespace Rubato.Serving.Fairness;

/// <summary>Checks <see cref="ServicePolicyOptions"/> before anything is built from them.</summary>
public static class ServicePolicyOptionsValidator
{
    private const double WeightMin = 1e-6;
    private const double WeightMax = 1e6;

    /// <summary>Every rule that <paramref name="options"/> break, with option, value, rule and remedy; empty when valid.</summary>
    public static IReadOnlyList<string> FindErrors(ServicePolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        foreach (var property in typeof(ServicePolicyOptions).GetProperties())
        {
            var value = property.GetValue(options);
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
            {
                errors.Add(OutOfRange(property.Name, value, range.Minimum, range.Maximum));
            }
            else if (property.PropertyType.IsEnum && !Enum.IsDefined(property.PropertyType, value!))
            {
                errors.Add($"{property.Name} is {value}: use one of {string.Join(", ", Enum.GetNames(property.PropertyType))}.");
            }
        }

        CheckOptional(errors, nameof(options.Threshold), options.Threshold, 0, 1e12);
        CheckOptional(errors, nameof(options.UpdateEveryIterations), options.UpdateEveryIterations, 1, 1e9);
        CheckOptional(errors, nameof(options.UpdateEverySeconds), options.UpdateEverySeconds, 1e-6, 1e6);
        CheckOptional(errors, nameof(options.ServedTokenSeconds), options.ServedTokenSeconds, 1e-6, 1e6);
        CheckWeights(errors, options);
        if (options.UpdateEveryIterations is not null && options.UpdateEverySeconds is not null)
        {
            errors.Add("UpdateEveryIterations and UpdateEverySeconds are both set: updates are counted in steps or in seconds; leave one out.");
        }

        return errors;
    }

    /// <summary>Throws when a rule is broken.</summary>
    /// <exception cref="InvalidOptionException">At least one rule is broken; the message lists all of them.</exception>
    public static void Validate(ServicePolicyOptions options)
    {
        var errors = FindErrors(options);
        if (errors.Count > 0)
        {
            throw new InvalidOptionException(string.Join(" ", errors));
        }
    }

    private static void CheckOptional(List<string> errors, string name, double? value, double min, double max)
    {
        if (value is { } given && !(given >= min && given <= max))
        {
            errors.Add(OutOfRange(name, given, min, max));
        }
    }

    private static void CheckWeights(List<string> errors, ServicePolicyOptions options)
    {
        if (options.ClientWeights is null)
        {
            errors.Add("ClientWeights is null: leave it out when all clients weigh the same.");
            return;
        }

        foreach (var (client, weight) in options.ClientWeights)
        {
            if (!(weight >= WeightMin && weight <= WeightMax))
            {
                errors.Add(OutOfRange($"ClientWeights['{MessageText.OneLine(client)}']", weight, WeightMin, WeightMax));
            }
        }
    }

    private static string OutOfRange(string name, object? value, object min, object max) => string.Create(
        CultureInfo.InvariantCulture, $"{name} is {value}, outside {min}…{max}: set {name} to a value in that range.");
}
