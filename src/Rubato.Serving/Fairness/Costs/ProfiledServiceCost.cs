namespace Rubato.Serving.Fairness.Costs;

/// <summary>Milliseconds of a request of x prompt and y output tokens: a quadratic form fitted to a profile.</summary>
/// <remarks>
/// Coefficients: the public artifact of Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024, for LLaMA-2-7B on an A10G.
/// </remarks>
internal sealed class ProfiledServiceCost : ServiceCost
{
    protected override double Total(int promptTokens, int outputTokens)
    {
        double x = promptTokens;
        double y = outputTokens;
        return 0.21001891 * x + 0.10075395 * y + 0.0039868 * x * y + 0.00324733 * y * y + 1.14601454;
    }
}
