namespace Rubato.Serving.Fairness.Costs;

/// <summary>The price of service, in service units: what a request of a prompt of x and an output of y tokens has cost so far.</summary>
internal abstract class ServiceCost
{
    public static ServiceCost Of(ServicePolicyOptions options) => options.Cost switch
    {
        ServiceCostKind.Profiled => new ProfiledServiceCost(),
        _ => new WeightedServiceCost(options.PromptWeight, options.OutputWeight),
    };

    /// <summary>The price of a prompt.</summary>
    public double OfPrompt(int promptTokens) => Total(promptTokens, 0);

    /// <summary>The price of the generated tokens after the first <paramref name="from"/> up to <paramref name="to"/>; negative when to &lt; from.</summary>
    public double OfOutput(int promptTokens, int from, int to) => Total(promptTokens, to) - Total(promptTokens, from);

    protected abstract double Total(int promptTokens, int outputTokens);
}
