namespace Rubato.Inference.Sampling;

/// <summary>Locally typical sampling: the tokens whose surprise lies nearest to the entropy. Source: Meister et al., TACL 2023.</summary>
internal sealed class TypicalSet
{
    private readonly CandidateHeap _byTypicality = new();
    private float[] _nearness = [];
    private float[] _kept = [];

    /// <summary>Keeps the smallest set, nearest first, whose probability among the candidates reaches <paramref name="share"/>.</summary>
    /// <param name="logits">None NaN, at least one finite.</param>
    /// <param name="weights">e^((logit − largest logit) · scale).</param>
    /// <param name="scale">1 / temperature.</param>
    /// <param name="ranks">The tokens by falling logit.</param>
    /// <param name="candidates">How many of the first ranks are candidates.</param>
    /// <param name="share">In (0, 1).</param>
    /// <returns>The logits with those of all other tokens negative infinity, valid until the next call; how many are kept.</returns>
    public (ReadOnlyMemory<float> Logits, int Count) Keep(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, CandidateHeap ranks, int candidates, double share)
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
        var total = Measure(logits, weights, scale, ranks, candidates, nearness);
        var typical = _byTypicality.Start(nearness);
        var sum = 0.0;
        var count = 0;
        for (; count < candidates; count++)
        {
            var token = typical.Next(count);
            if (float.IsNegativeInfinity(nearness[token]) || sum >= share * total)
            {
                break;
            }

            kept[token] = logits[token];
            sum += weights[token];
        }

        return (_kept.AsMemory(0, logits.Length), count);
    }

    /// <summary>Sets the nearness of each candidate, −|surprise − entropy|.</summary>
    /// <returns>The sum of the candidates' weights.</returns>
    private static double Measure(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, CandidateHeap ranks, int candidates, Span<float> nearness)
    {
        // All candidates in the order of their ids when none is left out: ordering them all would cost a sort.
        var all = candidates == logits.Length;
        var largest = (double)logits[ranks.Next(0)];
        double total = 0, weighted = 0;
        for (var i = 0; i < candidates; i++)
        {
            var token = all ? i : ranks.Next(i);
            if (!float.IsNegativeInfinity(logits[token]))
            {
                total += weights[token];
                weighted += weights[token] * (largest - logits[token]) * scale;
            }
        }

        // surprise = ln total + (largest − logit) · scale; entropy = its mean: the logarithm cancels in the difference.
        var entropy = weighted / total;
        for (var i = 0; i < candidates; i++)
        {
            var token = all ? i : ranks.Next(i);
            nearness[token] = float.IsNegativeInfinity(logits[token])
                ? float.NegativeInfinity
                : (float)-Math.Abs(((largest - logits[token]) * scale) - entropy);
        }

        return total;
    }
}
