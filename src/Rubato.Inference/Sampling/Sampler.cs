using Rubato.Core;
using Rubato.Kernels.Reductions;
using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>Draws tokens from logits as <see cref="SamplingParameters"/> say, in the order that is written there; a constraint comes first.</summary>
/// <remarks>
/// The draw depends on the logits, the parameters, the sequence's own tokens and the position only. Ties go to the smaller token id.
/// Keeps scratch memory; not thread-safe.
/// </remarks>
public sealed class Sampler
{
    // Above this the most likely token has all the probability that single precision can express.
    private const double InverseTemperatureMax = 1e30;

    private readonly LogitAdjuster _adjuster = new();
    private readonly TruncatedDraw _truncated = new();
    private float[] _weights = [];

    /// <summary>Whether there is something to draw from: none of the logits is NaN, and the largest is finite.</summary>
    public static bool IsDrawable(ReadOnlySpan<float> logits) => Likeliest(logits) >= 0;

    /// <summary>Draws the token at <paramref name="position"/> where nothing looks at the tokens before.</summary>
    /// <inheritdoc cref="TryChoose(ReadOnlySpan{float}, SamplingParameters, int, TokenHistory, ITokenConstraint?, out TokenChoice)"/>
    public bool TryChoose(ReadOnlySpan<float> logits, SamplingParameters parameters, int position, out TokenChoice choice) =>
        TryChoose(logits, parameters, position, default, null, out choice);

    /// <summary>Draws the token at <paramref name="position"/>.</summary>
    /// <param name="logits">One number per token of the vocabulary, at least one.</param>
    /// <param name="parameters">How to draw.</param>
    /// <param name="position">Position of the new token in its sequence, at least 0.</param>
    /// <param name="history">The tokens before it; may be empty when neither penalties nor a constraint need it.</param>
    /// <param name="constraint">Forbids tokens; null allows all.</param>
    /// <param name="choice">The token.</param>
    /// <returns>
    /// False when there is nothing to draw from: the logits are not drawable (<see cref="IsDrawable"/>), or the constraint leaves none.
    /// </returns>
    public bool TryChoose(
        ReadOnlySpan<float> logits,
        SamplingParameters parameters,
        int position,
        TokenHistory history,
        ITokenConstraint? constraint,
        out TokenChoice choice)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        choice = default;
        if (!IsDrawable(logits))
        {
            return false;
        }

        var adjusted = _adjuster.Adjust(logits, parameters, history, constraint);
        var likeliest = Likeliest(adjusted);
        if (likeliest < 0)
        {
            return false;
        }

        var token = parameters.Temperature > 0 ? Draw(adjusted, parameters, position) : likeliest;
        choice = new(token, TokenRanking.LogProbabilities(logits, token, parameters.LogProbabilityCount));
        return true;
    }

    /// <summary>The smallest id among the largest logits; −1 when there is nothing to draw from.</summary>
    private static int Likeliest(ReadOnlySpan<float> logits) =>
        Maximum.IndexOf(logits) is >= 0 and var index && float.IsFinite(logits[index]) ? index : -1;

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
        return TruncatedDraw.Applies(parameters)
            ? _truncated.Draw(logits, weights, scale, parameters, uniform)
            : DrawFromAll(logits, weights, uniform);
    }

    /// <summary>The first token at which the running sum of weights exceeds its share; never one whose logit is negative infinity.</summary>
    private static int DrawFromAll(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, double uniform)
    {
        var target = Sum(weights) * uniform;
        var sum = 0.0;
        var last = 0;
        for (var token = 0; token < weights.Length; token++)
        {
            // The exponential saturates above 0: a forbidden token has a weight too, of 10⁻³⁸.
            if (!float.IsNegativeInfinity(logits[token]))
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
