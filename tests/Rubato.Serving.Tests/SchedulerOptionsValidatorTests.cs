using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using Rubato.Core;

namespace Rubato.Serving.Tests;

public sealed class SchedulerOptionsValidatorTests
{
    public static TheoryData<string> OptionNames =>
    [
        .. typeof(SchedulerOptions).GetProperties().Where(property => property.PropertyType == typeof(int)).Select(property => property.Name),
    ];

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(SchedulerOptionsValidator.FindErrors(new()));

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Both_bounds_are_allowed_and_one_beyond_is_not(string name)
    {
        var property = typeof(SchedulerOptions).GetProperty(name)!;
        var range = property.GetCustomAttribute<RangeAttribute>()!;
        var (low, high) = ((int)range.Minimum, (int)range.Maximum);

        Assert.DoesNotContain(Errors(low), error => error.StartsWith($"{name} is {low}, outside", StringComparison.Ordinal));
        Assert.DoesNotContain(Errors(high), error => error.StartsWith($"{name} is {high}, outside", StringComparison.Ordinal));
        Assert.Contains(Errors(low - 1), error => error.StartsWith($"{name} is {low - 1}, outside", StringComparison.Ordinal));
        Assert.Contains(Errors(high + 1), error => error.StartsWith($"{name} is {high + 1}, outside", StringComparison.Ordinal));

        IReadOnlyList<string> Errors(int value)
        {
            var options = new SchedulerOptions();
            property.SetValue(options, value);
            return SchedulerOptionsValidator.FindErrors(options);
        }
    }

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Range_and_default_in_the_documentation_are_the_real_ones(string name)
    {
        var property = typeof(SchedulerOptions).GetProperty(name)!;
        var range = property.GetCustomAttribute<RangeAttribute>()!;
        var documentation = XDocument.Load(Path.ChangeExtension(typeof(SchedulerOptions).Assembly.Location, ".xml"))
            .Descendants("member").Single(member => (string?)member.Attribute("name") == $"P:Rubato.Serving.SchedulerOptions.{name}").Value;

        var initial = property.GetValue(new SchedulerOptions());
        var expected = string.Create(CultureInfo.InvariantCulture, $"Range {range.Minimum:N0}…{range.Maximum:N0}; default {initial}.");
        Assert.Contains(expected, documentation, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_at_once_with_option_value_rule_and_remedy()
    {
        var options = new SchedulerOptions { BlockTokens = 0, KvBlocks = -5, TokenBudgetPerStep = 10, RunningMax = 20 };

        var failure = Assert.Throws<InvalidOptionException>(() => new Scheduler(options));

        Assert.Contains("BlockTokens is 0, outside 1…1024: set", failure.Message, StringComparison.Ordinal);
        Assert.Contains("KvBlocks is -5, outside", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TokenBudgetPerStep is 10, below RunningMax (20)", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void An_unknown_name_lists_the_known()
    {
        var failure = Assert.Throws<InvalidOptionException>(() => new Scheduler(new() { Policy = "lifo", Switching = new() { Allocator = "heap" } }));
        Assert.Contains("'lifo' is not known; use one of: fcfs", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'heap' is not known; use one of: groups", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_of_nested_options_are_checked_too()
    {
        var options = new SchedulerOptions { Switching = new() { SwapBlocks = -1 }, Fairness = new() { QuantumTokens = 0 } };
        var failure = Assert.Throws<InvalidOptionException>(() => new Scheduler(options));
        Assert.Contains("SwapBlocks is -1, outside", failure.Message, StringComparison.Ordinal);
        Assert.Contains("QuantumTokens", failure.Message, StringComparison.Ordinal);
    }
}
