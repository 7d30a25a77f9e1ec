namespace Rubato.Serving.Fairness.Costs;

/// <summary>How the service that a request receives is measured.</summary>
public enum ServiceCostKind
{
    /// <summary>So much per token of the prompt and so much per generated token.</summary>
    Weighted,

    /// <summary>Milliseconds by the profile of a 7 billion parameter model on one accelerator: long contexts cost more per token.</summary>
    Profiled,
}
