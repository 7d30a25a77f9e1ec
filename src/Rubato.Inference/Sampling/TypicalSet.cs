namespace Rubato.Inference.Sampling;

/// <summary>Locally typical sampling: the tokens whose surprise lies nearest to the entropy. Source: Meister et al., TACL 2023.</summary>
internal sealed class TypicalSet
{
    private readonly CandidateHeap _byNearness = new();
    private float[] _nearness = [];
    private float[] _kept = [];

    /// <summary>Keeps the smallest set, nearest first, whose probability among the candidates reaches <paramref name="share"/>.</summary>
    /// <param name="logits">None NaN, at least one finite.</param>
    /// <param name="weights">e^((logit − largest logit) · scale).</param>
    /// <param name="scale">1 / temperature.</param>
    /// <param name="candidates">The tokens to choose from, by falling logit; null: all.</param>
    /// <param name="share">In (0, 1).</param>
    /// <returns>The logits with those of all other tokens negative infinity, valid until the next call; how much weight they have.</returns>
    public (ReadOnlyMemory<float> Logits, double Weight) Keep(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, ReadOnlySpan<int> candidates, double share)
    {
        if (_kept.Length < logits.Length)
        {
            _nearness = new float[logits.Length];
            _kept = new float[logits.Length];
        }

        var nearness = _nearness.AsSpan(0, logits.Length);
        var kept = _kept.AsSpan(0, logits.Length);
        nearness.Fill(float.NegativeInfinity);
        kept.Fill(float.NegativeInfinity);
        var total = Measure(logits, weights, scale, candidates, nearness);
        var typical = _byNearness.Start(nearness, weights, new(int.MaxValue, share * total, double.PositiveInfinity, Scale: 1));
        var sum = 0.0;
        for (var rank = 0; rank < typical.Count && sum < share * total; rank++)
        {
            var token = typical.Next(rank);
            kept[token] = logits[token];
            sum += weights[token];
        }

        return (_kept.AsMemory(0, logits.Length), sum);
    }

    /// <summary>Sets the nearness of each candidate, −|surprise − entropy|.</summary>
    /// <returns>The sum of the candidates' weights.</returns>
    private static double Measure(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, ReadOnlySpan<int> candidates, Span<float> nearness)
    {
        var largest = float.NegativeInfinity;
        foreach (var token in candidates)
        {
            largest = Math.Max(largest, logits[token]);
        }

        double total = 0, weighted = 0;
        foreach (var token in candidates)
        {
            total += weights[token];
            weighted += weights[token] * ((double)largest - logits[token]) * scale;
        }

        // surprise = ln total + (largest − logit) · scale; entropy = its mean: the logarithm cancels in the difference.
        var entropy = weighted / total;
        foreach (var token in candidates)
        {
            nearness[token] = (float)-Math.Abs((((double)largest - logits[token]) * scale) - entropy);
        }

        return total;
    }
}
