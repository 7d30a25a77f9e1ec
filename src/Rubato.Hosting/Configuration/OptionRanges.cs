using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Rubato.Hosting.Configuration;

/// <summary>Checks the declared ranges of an options object.</summary>
internal static class OptionRanges
{
    /// <summary>One line per property outside its range, with name, value, rule and remedy.</summary>
    public static IEnumerable<string> FindErrors(object options)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(property.GetValue(options)))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{property.Name} is {property.GetValue(options)}, outside {range.Minimum}…{range.Maximum}: set it to a value in that range.");
            }
        }
    }
}
