using System.Collections.Immutable;
using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>What changes logits before probabilities are made of them: the constraint, then the bias, then the penalties.</summary>
/// <remarks>
/// The logits given are never written: they are copied when something is on. Penalties count the sequence's tokens anew at each draw,
/// about a nanosecond for each, so that nothing has to survive a preemption.
/// </remarks>
internal sealed class LogitAdjuster
{
    private float[] _adjusted = [];
    private int[] _counts = [];

    /// <summary>The logits after constraint, bias and penalties: <paramref name="logits"/> itself when all are off.</summary>
    public ReadOnlySpan<float> Adjust(
        ReadOnlySpan<float> logits, SamplingParameters parameters, TokenHistory history, ITokenConstraint? constraint)
    {
        if (constraint is null && parameters.LogitBias.IsDefaultOrEmpty && !parameters.NeedsHistory)
        {
            return logits;
        }

        if (_adjusted.Length < logits.Length)
        {
            _adjusted = new float[logits.Length];
            _counts = new int[logits.Length];
        }

        var adjusted = _adjusted.AsSpan(0, logits.Length);
        logits.CopyTo(adjusted);
        constraint?.Forbid(history.Generated.Span, adjusted);
        AddBias(adjusted, parameters.LogitBias);
        if (parameters.RepetitionPenalty != 1)
        {
            Repel(adjusted, history, parameters.RepetitionPenalty);
        }

        if (parameters.FrequencyPenalty != 0 || parameters.PresencePenalty != 0)
        {
            Subtract(adjusted, history.Generated.Span, parameters.FrequencyPenalty, parameters.PresencePenalty);
        }

        return adjusted;
    }

    private static void AddBias(Span<float> logits, ImmutableArray<TokenBias> biases)
    {
        foreach (var (token, bias) in biases.IsDefault ? [] : biases)
        {
            if ((uint)token < (uint)logits.Length)
            {
                logits[token] += (float)bias;
            }
        }
    }

    private void Repel(Span<float> logits, TokenHistory history, double penalty)
    {
        var prompt = history.Prompt.IsDefault ? default : history.Prompt.AsSpan();
        var generated = history.Generated.Span;
        Count(prompt, logits.Length);
        Count(generated, logits.Length);
        Repel(logits, prompt, penalty);
        Repel(logits, generated, penalty);
    }

    /// <summary>Penalises each counted token once, and takes its count back.</summary>
    private void Repel(Span<float> logits, ReadOnlySpan<int> tokens, double penalty)
    {
        foreach (var token in tokens)
        {
            if ((uint)token < (uint)logits.Length && _counts[token] > 0)
            {
                _counts[token] = 0;
                logits[token] = (float)(logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty);
            }
        }
    }

    private void Subtract(Span<float> logits, ReadOnlySpan<int> generated, double frequency, double presence)
    {
        Count(generated, logits.Length);
        foreach (var token in generated)
        {
            if ((uint)token < (uint)logits.Length && _counts[token] > 0)
            {
                logits[token] -= (float)((frequency * _counts[token]) + presence);
                _counts[token] = 0;
            }
        }
    }

    private void Count(ReadOnlySpan<int> tokens, int vocabulary)
    {
        foreach (var token in tokens)
        {
            if ((uint)token < (uint)vocabulary)
            {
                _counts[token]++;
            }
        }
    }
}
