using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>Draws from the tokens that top-k, typical-p, top-p and min-p leave, in this order.</summary>
internal sealed class TruncatedDraw
{
    private readonly CandidateHeap _byLogit = new();
    private readonly TypicalSet _typical = new();
    private int[] _candidates = [];

    /// <summary>Whether one of the four is on.</summary>
    public static bool Applies(SamplingParameters parameters) =>
        parameters.TopK > 0 || parameters.TypicalP < 1 || parameters.TopP < 1 || parameters.MinP > 0;

    /// <summary>The token at share <paramref name="uniform"/> of the probability that is left, the most likely tokens first.</summary>
    /// <param name="logits">None NaN, at least one finite; those that are negative infinity are never drawn.</param>
    /// <param name="weights">e^((logit − largest logit) · scale).</param>
    /// <param name="scale">1 / temperature.</param>
    /// <param name="parameters">What is kept.</param>
    /// <param name="uniform">In [0, 1).</param>
    public int Draw(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, SamplingParameters parameters, double uniform)
    {
        var limit = parameters.TopK > 0 ? parameters.TopK : int.MaxValue;
        if (parameters.TypicalP == 1)
        {
            return Draw(Rank(logits, weights, scale, parameters, limit, null), weights, parameters, limit, uniform);
        }

        var candidates = Candidates(logits, weights, scale, limit);
        var (kept, weight) = _typical.Keep(logits, weights, scale, candidates, parameters.TypicalP);
        return Draw(Rank(kept.Span, weights, scale, parameters, int.MaxValue, weight), weights, parameters, int.MaxValue, uniform);
    }

    /// <summary>The tokens that top-k keeps; all possible ones when it is off.</summary>
    private ReadOnlySpan<int> Candidates(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, int limit)
    {
        if (_candidates.Length < logits.Length)
        {
            _candidates = new int[logits.Length];
        }

        var count = 0;
        if (limit < logits.Length)
        {
            var ranks = _byLogit.Start(logits, weights, new(limit, double.PositiveInfinity, double.PositiveInfinity, scale));
            for (; count < Math.Min(limit, ranks.Count); count++)
            {
                _candidates[count] = ranks.Next(count);
            }
        }
        else
        {
            for (var token = 0; token < logits.Length; token++)
            {
                if (!float.IsNegativeInfinity(logits[token]))
                {
                    _candidates[count++] = token;
                }
            }
        }

        return _candidates.AsSpan(0, count);
    }

    /// <summary>The tokens by falling logit, as many as top-p and min-p may leave, and the weight at which top-p ends.</summary>
    /// <remarks>Ordered by logit: weights of different logits may be equal in single precision.</remarks>
    private (CandidateHeap Ranks, double Enough) Rank(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float scale, SamplingParameters parameters, int limit, double? total)
    {
        var distance = parameters.MinP > 0 ? -Math.Log(parameters.MinP) : double.PositiveInfinity;
        if (parameters.TopP == 1)
        {
            return (_byLogit.Start(logits, weights, new(limit, double.PositiveInfinity, distance, scale)), double.PositiveInfinity);
        }

        if (limit >= logits.Length)
        {
            var enough = parameters.TopP * (total ?? Sum(weights));
            return (_byLogit.Start(logits, weights, new(limit, enough, distance, scale)), enough);
        }

        // Top-p is a share of what top-k left.
        var ranks = _byLogit.Start(logits, weights, new(limit, double.PositiveInfinity, double.PositiveInfinity, scale));
        var sum = 0.0;
        for (var rank = 0; rank < Math.Min(limit, ranks.Count); rank++)
        {
            sum += weights[ranks.Next(rank)];
        }

        return (ranks, parameters.TopP * sum);
    }

    private static int Draw(
        (CandidateHeap Ranks, double Enough) ranked, ReadOnlySpan<float> weights, SamplingParameters parameters, int limit, double uniform)
    {
        var (ranks, enough) = ranked;
        var least = parameters.MinP * weights[ranks.Next(0)];
        var sum = 0.0;
        var count = 0;
        for (; count < Math.Min(limit, ranks.Count); count++)
        {
            // Weights fall from rank to rank, so top-p and min-p both cut off a tail.
            var weight = weights[ranks.Next(count)];
            if (count > 0 && (sum >= enough || weight < least))
            {
                break;
            }

            sum += weight;
        }

        var target = sum * uniform;
        sum = 0;
        for (var rank = 0; rank < count - 1; rank++)
        {
            sum += weights[ranks.Next(rank)];
            if (sum > target)
            {
                return ranks.Next(rank);
            }
        }

        return ranks.Next(count - 1);
    }

    private static double Sum(ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        return sum;
    }
}
