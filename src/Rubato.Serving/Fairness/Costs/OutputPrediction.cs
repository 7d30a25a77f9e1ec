namespace Rubato.Serving.Fairness.Costs;

/// <summary>What is known of the length of an output before it is generated.</summary>
public enum OutputPrediction
{
    /// <summary>Nothing: each token is charged when it is generated.</summary>
    None,

    /// <summary>The mean length of the client's last five outputs.</summary>
    ClientAverage,

    /// <summary>The request's limit: the truth for requests that run to their limit, as in simulated worlds without stop tokens.</summary>
    Limit,
}
