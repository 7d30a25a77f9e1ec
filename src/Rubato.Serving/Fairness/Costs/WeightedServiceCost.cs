namespace Rubato.Serving.Fairness.Costs;

/// <summary>So much per token of the prompt and so much per generated token.</summary>
internal sealed class WeightedServiceCost(double promptWeight, double outputWeight) : ServiceCost
{
    protected override double Total(int promptTokens, int outputTokens) => promptWeight * promptTokens + outputWeight * outputTokens;
}
