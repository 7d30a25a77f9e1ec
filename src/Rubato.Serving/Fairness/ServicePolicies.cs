using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Fairness.Deficits;
using Rubato.Serving.Fairness.Orders;
using Rubato.Serving.Fairness.Shares;
using Rubato.Serving.Journal;

namespace Rubato.Serving.Fairness;

/// <summary>The built-in service policies by name.</summary>
public static class ServicePolicies
{
    private static readonly (string Name, Func<ServicePolicyOptions, IServicePolicy> Create)[] All =
    [
        ("fcfs", _ => new FirstComeFirstServedPolicy()),
        ("static", _ => new StaticPriorityPolicy()),
        ("round-robin", options => new RoundRobinPolicy(options)),
        ("trace", options => new PriorityTracePolicy(options)),
        ("vtc", options => new VirtualTokenCounterPolicy(options, preemptive: false)),
        ("vtc-preemptive", options => new VirtualTokenCounterPolicy(options, preemptive: true)),
        ("dlpm", options => new DeficitPrefixPolicy(options)),
        ("qoe", options => new QualityOfExperiencePolicy(options)),
        ("mlfq", options => new MultiLevelFeedbackPolicy(options)),
    ];

    /// <summary>All names, in the order in which help texts list them.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(entry => entry.Name)];

    /// <summary>A new policy, for one scheduler.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Its parameters; null for the defaults.</param>
    /// <exception cref="InvalidOptionException">The name is not known, or the options break a rule; the message says what to do.</exception>
    public static IServicePolicy Create(string name, ServicePolicyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= ServicePolicyOptions.Default;
        ServicePolicyOptionsValidator.Validate(options);
        var found = Array.Find(All, entry => entry.Name == name).Create
            ?? throw new InvalidOptionException($"The fairness policy '{MessageText.OneLine(name)}' is not known; use one of: {string.Join(", ", Names)}.");
        return found(options);
    }
}
