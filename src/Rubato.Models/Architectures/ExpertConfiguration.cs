namespace Rubato.Models.Architectures;

/// <summary>Sizes of feed-forward layers of which a token uses some experts only.</summary>
/// <remarks>
/// A router gives each token a softmax over all experts; the most probable ones work, and their outputs are added, weighted with
/// those probabilities. Source: Shazeer et al., "Outrageously Large Neural Networks", 2017.
/// </remarks>
public sealed record ExpertConfiguration
{
    /// <summary>Number of experts in a layer.</summary>
    public required int Count { get; init; }

    /// <summary>Number of experts that a token uses; at most <see cref="Count"/>.</summary>
    public required int UsedCount { get; init; }

    /// <summary>Number of values inside an expert.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>Number of values inside the expert that every token uses; 0: there is none.</summary>
    public int SharedFeedForwardLength { get; init; }

    /// <summary>Whether the weights of the chosen experts are divided by their sum.</summary>
    public required bool NormalizesWeights { get; init; }

    /// <summary>Multiplies the weights; finite and above 0.</summary>
    public float WeightScale { get; init; } = 1;

    /// <summary>Every rule that the values break.</summary>
    internal IEnumerable<string> Problems(int sizeMax)
    {
        foreach (var (name, value) in new[]
        {
            ("expert count", Count), ("number of experts used", UsedCount), ("feed-forward length of an expert", FeedForwardLength),
        })
        {
            if (value < 1 || value > sizeMax)
            {
                yield return $"the {name} is {value}; it must lie in 1 … {sizeMax}";
            }
        }

        if (UsedCount > Count)
        {
            yield return $"a token uses {UsedCount} experts, but a layer has {Count}";
        }

        if (SharedFeedForwardLength < 0 || SharedFeedForwardLength > sizeMax)
        {
            yield return $"the feed-forward length of the shared expert is {SharedFeedForwardLength}; it must lie in 0 … {sizeMax}";
        }

        if (!(WeightScale > 0 && float.IsFinite(WeightScale)))
        {
            yield return $"the scale of the expert weights is {WeightScale}; it must be finite and above 0";
        }
    }
}
