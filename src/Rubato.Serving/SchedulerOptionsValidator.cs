using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving;

/// <summary>Checks <see cref="SchedulerOptions"/> before anything is built from them.</summary>
public static class SchedulerOptionsValidator
{
    /// <summary>Every rule that <paramref name="options"/> break, with option, value, rule and remedy; empty when valid.</summary>
    public static IReadOnlyList<string> FindErrors(SchedulerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        FindOutOfRange(options, errors);
        FindOutOfRange(options.Switching, errors);
        errors.AddRange(ServicePolicyOptionsValidator.FindErrors(options.Fairness));
        AddUnknown(errors, () => ServicePolicies.Create(options.Policy));
        AddUnknown(errors, () => BlockAllocators.Create(options.Switching.Allocator, 1, options.Switching.Groups));

        if (options.TokenBudgetPerStep < options.RunningMax)
        {
            errors.Add(
                $"TokenBudgetPerStep is {options.TokenBudgetPerStep}, below RunningMax ({options.RunningMax}): every running sequence"
                + " must get one token per step; raise TokenBudgetPerStep or lower RunningMax.");
        }

        return errors;
    }

    /// <summary>The immutable limits that <paramref name="options"/> describe.</summary>
    /// <exception cref="InvalidOptionException">At least one rule is broken; the message lists all of them.</exception>
    public static SchedulerLimits Validate(SchedulerOptions options)
    {
        var errors = FindErrors(options);
        return errors.Count == 0 ? new SchedulerLimits(options) : throw new InvalidOptionException(string.Join(" ", errors));
    }

    private static void FindOutOfRange(object options, List<string> errors)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(property.GetValue(options)))
            {
                errors.Add(OutOfRange(property.Name, property.GetValue(options), range));
            }
        }
    }

    private static void AddUnknown(List<string> errors, Action create)
    {
        try
        {
            create();
        }
        catch (InvalidOptionException failure)
        {
            errors.Add(failure.Message);
        }
    }

    private static string OutOfRange(string name, object? value, RangeAttribute range) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name} is {value}, outside {range.Minimum}…{range.Maximum}: set {name} to a value in that range.");
}
