using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>Draws from the tokens that top-k, typical-p, top-p and min-p leave, in this order.</summary>
internal sealed class TruncatedDraw
{
    private readonly CandidateHeap _byLogit = new();
    private readonly TypicalSet _typical = new();

    /// <summary>Whether one of the four is on.</summary>
    public static bool Applies(SamplingParameters parameters) =>
        parameters.TopK > 0 || parameters.TypicalP < 1 || parameters.TopP < 1 || parameters.MinP > 0;

    /// <summary>The token at share <paramref name="uniform"/> of the probability that is left, the most likely tokens first.</summary>
    /// <param name="logits">None NaN; those that are negative infinity are never drawn.</param>
    /// <param name="weights">e^((logit − largest logit) · scale).</param>
    /// <param name="scale">1 / temperature.</param>
    /// <param name="parameters">What is kept.</param>
    /// <param name="uniform">In [0, 1).</param>
    public int Draw(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, SamplingParameters parameters, double uniform)
    {
        // Ordered by logit: weights of different logits may be equal in single precision.
        var ranks = _byLogit.Start(logits);
        var limit = parameters.TopK > 0 ? Math.Min(parameters.TopK, logits.Length) : logits.Length;
        if (parameters.TypicalP < 1)
        {
            (var kept, limit) = _typical.Keep(logits, weights, scale, ranks, limit, parameters.TypicalP);
            ranks = _byLogit.Start(kept.Span);
        }

        var enough = parameters.TopP < 1 ? parameters.TopP * Total(weights, ranks, limit) : double.PositiveInfinity;
        var least = parameters.MinP * weights[ranks.Next(0)];
        var sum = 0.0;
        var count = 0;
        for (; count < limit; count++)
        {
            // Weights fall from rank to rank, so top-p and min-p both cut off a tail.
            var token = ranks.Next(count);
            if (float.IsNegativeInfinity(logits[token]) || (count > 0 && (sum >= enough || weights[token] < least)))
            {
                break;
            }

            sum += weights[token];
        }

        return DrawRank(weights, ranks, count, sum * uniform);
    }

    private static double Total(ReadOnlySpan<float> weights, CandidateHeap ranks, int limit)
    {
        var sum = 0.0;
        if (limit == weights.Length)
        {
            foreach (var weight in weights)
            {
                sum += weight;
            }

            return sum;
        }

        for (var rank = 0; rank < limit; rank++)
        {
            sum += weights[ranks.Next(rank)];
        }

        return sum;
    }

    private static int DrawRank(ReadOnlySpan<float> weights, CandidateHeap ranks, int count, double target)
    {
        var sum = 0.0;
        for (var rank = 0; rank < count; rank++)
        {
            sum += weights[ranks.Next(rank)];
            if (sum > target)
            {
                return ranks.Next(rank);
            }
        }

        return ranks.Next(count - 1);
    }
}
