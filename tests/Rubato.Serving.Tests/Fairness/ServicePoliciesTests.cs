using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Costs;

namespace Rubato.Serving.Tests.Fairness;

public sealed class ServicePoliciesTests
{
    public static TheoryData<string> Names => [.. ServicePolicies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_name_gives_a_new_policy_of_that_name(string name)
    {
        var policy = ServicePolicies.Create(name);
        Assert.Equal(name, policy.Name);
        Assert.NotSame(policy, ServicePolicies.Create(name));
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        var error = Assert.Throws<InvalidOptionException>(() => ServicePolicies.Create("lottery\nx")).Message;
        Assert.DoesNotContain('\n', error);
        Assert.All(ServicePolicies.Names, name => Assert.Contains(name, error, StringComparison.Ordinal));
    }

    public static TheoryData<string, ServicePolicyOptions> Broken => new()
    {
        { "PromptWeight", new() { PromptWeight = -1 } },
        { "PromptWeight", new() { PromptWeight = double.NaN } },
        { "OutputWeight", new() { OutputWeight = 0 } },
        { "QuantumTokens", new() { QuantumTokens = 0 } },
        { "SwitchCostTokens", new() { SwitchCostTokens = -1 } },
        { "Threshold", new() { Threshold = -1 } },
        { "Threshold", new() { Threshold = double.NaN } },
        { "UpdateEveryIterations", new() { UpdateEveryIterations = 0 } },
        { "UpdateEverySeconds", new() { UpdateEverySeconds = 0 } },
        { "leave one out", new() { UpdateEverySeconds = 1, UpdateEveryIterations = 1 } },
        { "TraceCorrelation", new() { TraceCorrelation = 1 } },
        { "DeficitQuantum", new() { DeficitQuantum = 0 } },
        { "Levels", new() { Levels = 0 } },
        { "LevelRatio", new() { LevelRatio = 0.5 } },
        { "StarvationSeconds", new() { StarvationSeconds = double.PositiveInfinity } },
        { "ServedTokenSeconds", new() { ServedTokenSeconds = 0 } },
        { "ResidentBonus", new() { ResidentBonus = 0.9 } },
        { "ContestedShare", new() { ContestedShare = 1.1 } },
        { "Cost", new() { Cost = (ServiceCostKind)7 } },
        { "Prediction", new() { Prediction = (OutputPrediction)(-1) } },
        { "ClientWeights['a']", new() { ClientWeights = ImmutableSortedDictionary<string, double>.Empty.Add("a", 0) } },
        { "ClientWeights", new() { ClientWeights = null! } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Options_out_of_range_are_refused_in_one_line_that_names_them(string what, ServicePolicyOptions options)
    {
        var error = Assert.Throws<InvalidOptionException>(() => ServicePolicies.Create("vtc", options)).Message;
        Assert.Contains(what, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }
}
