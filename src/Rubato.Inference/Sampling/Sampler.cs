using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Kernels.Reductions;
using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>Draws tokens from logits as <see cref="SamplingParameters"/> say: temperature, then top-k, then top-p of what is left.</summary>
/// <remarks>
/// The draw depends on the logits, the parameters and the position only. Ties go to the smaller token id. Keeps scratch memory;
/// not thread-safe.
/// </remarks>
public sealed class Sampler
{
    // Above this the most likely token has all the probability that single precision can express.
    private const double InverseTemperatureMax = 1e30;

    private readonly CandidateHeap _candidates = new();
    private float[] _weights = [];

    /// <summary>Draws the token at <paramref name="position"/>.</summary>
    /// <param name="logits">One number per token of the vocabulary, at least one.</param>
    /// <param name="parameters">How to draw.</param>
    /// <param name="position">Position of the new token in its sequence, at least 0.</param>
    /// <param name="choice">The token.</param>
    /// <returns>False when the logits hold NaN or have no finite maximum, so that there is nothing to draw from.</returns>
    public bool TryChoose(ReadOnlySpan<float> logits, SamplingParameters parameters, int position, out TokenChoice choice)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var likeliest = Maximum.IndexOf(logits);
        if (likeliest < 0 || !float.IsFinite(logits[likeliest]))
        {
            choice = default;
            return false;
        }

        var token = parameters.Temperature > 0 ? Draw(logits, parameters, position) : likeliest;
        choice = new(token, LogProbabilities(logits, token, parameters.LogProbabilityCount));
        return true;
    }

    private int Draw(ReadOnlySpan<float> logits, SamplingParameters parameters, int position)
    {
        if (_weights.Length < logits.Length)
        {
            _weights = new float[logits.Length];
        }

        var weights = _weights.AsSpan(0, logits.Length);
        var scale = (float)Math.Min(1 / parameters.Temperature, InverseTemperatureMax);
        _ = Softmax.Numerators(logits, scale, weights);
        var bits = Prng.Mix(parameters.Seed, (ulong)position);
        var uniform = (bits >> 11) * (1.0 / (1UL << 53));
        return parameters.TopK > 0 || parameters.TopP < 1
            ? DrawTruncated(logits, weights, parameters, uniform)
            : DrawFrom(weights, Sum(weights) * uniform);
    }

    /// <summary>The first token at which the running sum of weights exceeds <paramref name="target"/>.</summary>
    private static int DrawFrom(ReadOnlySpan<float> weights, double target)
    {
        var sum = 0.0;
        var last = 0;
        for (var token = 0; token < weights.Length; token++)
        {
            if (weights[token] > 0)
            {
                last = token;
                sum += weights[token];
                if (sum > target)
                {
                    return token;
                }
            }
        }

        return last;
    }

    private int DrawTruncated(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, SamplingParameters parameters, double uniform)
    {
        // Ordered by logit: weights of different logits may be equal in single precision.
        var kept = _candidates.Start(logits);
        var limit = parameters.TopK > 0 ? Math.Min(parameters.TopK, weights.Length) : weights.Length;
        var total = Sum(weights);
        if (parameters.TopK > 0 && parameters.TopP < 1)
        {
            // Top-p is a share of what top-k left.
            total = 0;
            for (var i = 0; i < limit; i++)
            {
                total += weights[kept.Next(i)];
            }
        }

        var sum = 0.0;
        var count = 0;
        while (count < limit && (count == 0 || sum < parameters.TopP * total))
        {
            sum += weights[kept.Next(count++)];
        }

        var target = sum * uniform;
        sum = 0;
        for (var i = 0; i < count; i++)
        {
            sum += weights[kept.Next(i)];
            if (sum > target)
            {
                return kept.Next(i);
            }
        }

        return kept.Next(count - 1);
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

    private static TokenLogProbabilities? LogProbabilities(ReadOnlySpan<float> logits, int chosen, int? count)
    {
        if (count is not { } top)
        {
            return null;
        }

        var normaliser = LogSumExp.Of(logits);
        Span<int> likeliest = stackalloc int[Math.Min(Math.Max(top, 0), logits.Length)];
        var found = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (found < likeliest.Length || (found > 0 && logits[token] > logits[likeliest[found - 1]]))
            {
                found = Math.Min(found + 1, likeliest.Length);
                Insert(logits, likeliest[..found], token);
            }
        }

        var builder = ImmutableArray.CreateBuilder<TokenLogProbability>(found);
        foreach (var token in likeliest[..found])
        {
            builder.Add(new(token, Math.Min(logits[token] - normaliser, 0)));
        }

        return new(Math.Min(logits[chosen] - normaliser, 0), builder.MoveToImmutable());
    }

    /// <summary>Puts <paramref name="token"/> in its place in a list that falls by logit; the last entry is free.</summary>
    private static void Insert(ReadOnlySpan<float> logits, Span<int> list, int token)
    {
        var place = list.Length - 1;
        while (place > 0 && logits[list[place - 1]] < logits[token])
        {
            list[place] = list[place - 1];
            place--;
        }

        list[place] = token;
    }
}
