using System.Collections.Immutable;
using Rubato.Kernels.Reductions;
using Rubato.Serving;

namespace Rubato.Inference.Sampling;

/// <summary>Log-probabilities of the likeliest tokens by the model's own logits.</summary>
internal static class TokenRanking
{
    /// <summary>Of the chosen token and of the <paramref name="count"/> most likely ones; null when none are asked for.</summary>
    public static TokenLogProbabilities? LogProbabilities(ReadOnlySpan<float> logits, int chosen, int? count)
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
