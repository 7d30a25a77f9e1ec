using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Sampling;

/// <summary>
/// The documented chain step by step, in double precision over whole lists. Thresholds may be nudged, so that a test can tell a wrong token
/// from one that rounding may choose. Adjusted logits are rounded to single precision, so that what ties there ties here.
/// </summary>
internal sealed record NaiveSampler(SamplingParameters Parameters, int Position, int[] Prompt, int[] Generated)
{
    private const double Nudge = 2e-5;

    /// <summary>The token, and those that may come out when single precision moves one threshold across a candidate.</summary>
    public HashSet<int> Choose(float[] logits, Predicate<int>? forbidden = null)
    {
        double[][] nudges = [[0, 0, 0, 0, 0], .. Enumerable.Range(0, 5).SelectMany(i => new[] { At(i, Nudge), At(i, -Nudge) })];
        return [.. nudges.Select(nudge => Choose(Adjust(logits, forbidden), nudge))];

        static double[] At(int index, double value)
        {
            var nudge = new double[5];
            nudge[index] = value;
            return nudge;
        }
    }

    /// <summary>The logits after constraint, bias and penalties.</summary>
    public double[] Adjust(float[] logits, Predicate<int>? forbidden = null)
    {
        var adjusted = logits.Select((logit, token) => forbidden?.Invoke(token) == true ? double.NegativeInfinity : logit).ToArray();
        for (var token = 0; token < adjusted.Length; token++)
        {
            adjusted[token] += (float)Parameters.LogitBias.Where(bias => bias.Token == token).Sum(bias => bias.Bias);
            if (Prompt.Contains(token) || Generated.Contains(token))
            {
                adjusted[token] = adjusted[token] > 0
                    ? adjusted[token] / Parameters.RepetitionPenalty
                    : adjusted[token] * Parameters.RepetitionPenalty;
            }

            var count = Generated.Count(other => other == token);
            adjusted[token] -= (count * Parameters.FrequencyPenalty) + (count > 0 ? Parameters.PresencePenalty : 0);
            adjusted[token] = (float)adjusted[token];
        }

        return adjusted;
    }

    private int Choose(double[] logits, double[] nudge)
    {
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ThenBy(token => token).ToList();
        if (Parameters.Temperature == 0)
        {
            return order[0];
        }

        var largest = logits.Max();
        var weights = logits.Select(logit => Math.Exp((logit - largest) / Parameters.Temperature)).ToArray();
        List<int> kept = [.. order.Where(token => weights[token] > 0).Take(Parameters.TopK > 0 ? Parameters.TopK : int.MaxValue)];
        kept = Typical(kept, weights, nudge[0], nudge[1]);
        kept = Reach(kept, weights, Parameters.TopP < 1 ? Parameters.TopP + nudge[2] : 2);
        var most = kept.Max(token => weights[token]);
        kept = [.. kept.Where(token => weights[token] >= Math.Min(1, Parameters.MinP * (1 + nudge[3])) * most)];
        var truncates = Parameters is not { TopK: 0, TypicalP: 1, TopP: 1, MinP: 0 };
        return Draw([.. kept.OrderBy(token => truncates ? order.IndexOf(token) : token)], weights, nudge[4]);
    }

    private List<int> Typical(List<int> kept, double[] weights, double shareNudge, double entropyNudge)
    {
        if (Parameters.TypicalP == 1)
        {
            return kept;
        }

        var total = kept.Sum(token => weights[token]);
        var entropy = kept.Sum(token => weights[token] / total * -Math.Log(weights[token] / total)) * (1 + entropyNudge);
        var nearest = kept.OrderBy(token => Math.Abs(-Math.Log(weights[token] / total) - entropy)).ThenBy(token => token).ToList();
        var typical = Reach(nearest, weights, Parameters.TypicalP + shareNudge);
        return [.. kept.Where(typical.Contains)];
    }

    /// <summary>The shortest beginning that has this share of the probability.</summary>
    private static List<int> Reach(List<int> tokens, double[] weights, double share)
    {
        var total = tokens.Sum(token => weights[token]);
        var sum = 0.0;
        return [.. tokens.TakeWhile(token =>
        {
            var wanted = sum < share * total;
            sum += weights[token];
            return wanted;
        })];
    }

    private int Draw(List<int> tokens, double[] weights, double nudge)
    {
        var uniform = (Prng.Mix(Parameters.Seed, (ulong)Position) >> 11) / (double)(1UL << 53);
        var target = (uniform + nudge) * tokens.Sum(token => weights[token]);
        var sum = 0.0;
        foreach (var token in tokens)
        {
            sum += weights[token];
            if (sum > target)
            {
                return token;
            }
        }

        return tokens[^1];
    }
}
