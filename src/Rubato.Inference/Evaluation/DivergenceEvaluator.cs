using Rubato.Core;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Reductions;
using Rubato.Kernels.Threading;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Evaluation;

/// <summary>
/// How far the predictions of a model (a quantised one, say) are from those of a reference on the same text: the Kullback–Leibler divergence
/// Σ p · ln(p / q) of the reference's distribution p from the model's q, at every scored token of the windows that perplexity uses.
/// </summary>
public static class DivergenceEvaluator
{
    /// <summary>Below this log-probability a token adds less than 10⁻¹⁵ to any divergence, and is left out.</summary>
    private const double LogProbabilityMin = -40;

    /// <summary>Measures <paramref name="model"/> against <paramref name="reference"/>.</summary>
    /// <param name="model">The model to judge.</param>
    /// <param name="reference">The model that it should agree with.</param>
    /// <param name="gang">Does the work.</param>
    /// <param name="windows">The text, cut with the tokenizer that both have.</param>
    /// <param name="progress">Called with the share done, in [0, 1].</param>
    /// <param name="keyValues">How the model keeps keys and values; the reference keeps them as F32.</param>
    /// <exception cref="InvalidOptionException">The windows are longer than the context of one of the models.</exception>
    /// <exception cref="RubatoException">The vocabularies differ, or a model gives no finite logits.</exception>
    public static Divergence Measure(
        DecoderModel model, DecoderModel reference, WorkerGang gang, EvaluationWindows windows, Action<double>? progress = null,
        KvFormat keyValues = KvFormat.F32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(gang);
        ArgumentNullException.ThrowIfNull(windows);
        RequireSameVocabulary(model, reference);
        using var judged = new WindowPass(model, gang, windows, keyValues);
        using var truth = new WindowPass(reference, gang, windows, KvFormat.F32);
        var (sum, largest, same) = (0.0, 0.0, 0L);
        for (var i = 0; i < windows.Count; i++)
        {
            var window = windows[i];
            foreach (var (start, count, rows) in WindowPass.Pieces(windows, truth.Piece))
            {
                truth.Feed(window, start, count, rows);
                judged.Feed(window, start, count, rows);
                for (var row = 0; row < rows; row++)
                {
                    var p = truth.Logits(row, out var pNormaliser);
                    var q = judged.Logits(row, out var qNormaliser);
                    var divergence = Between(p, pNormaliser, q, qNormaliser);
                    sum += divergence;
                    largest = Math.Max(largest, divergence);
                    same += Maximum.IndexOf(p) == Maximum.IndexOf(q) ? 1 : 0;
                }

                progress?.Invoke((i + ((double)(start + count) / (windows.Window - 1))) / windows.Count);
            }
        }

        return new(sum / windows.ScoredTokens, largest, (double)same / windows.ScoredTokens, windows.ScoredTokens);
    }

    /// <summary>Σ p · ln(p / q); rounding may take a sum of nearly equal terms below 0, which no divergence is.</summary>
    private static double Between(ReadOnlySpan<float> p, double pNormaliser, ReadOnlySpan<float> q, double qNormaliser)
    {
        var sum = 0.0;
        for (var token = 0; token < p.Length; token++)
        {
            var logP = p[token] - pNormaliser;
            if (logP > LogProbabilityMin)
            {
                sum += Math.Exp(logP) * (logP - (q[token] - qNormaliser));
            }
        }

        return Math.Max(sum, 0);
    }

    private static void RequireSameVocabulary(DecoderModel model, DecoderModel reference)
    {
        var (a, b) = (TokenizerVocabulary.FromGguf(model.File.Metadata), TokenizerVocabulary.FromGguf(reference.File.Metadata));
        if (model.Configuration.VocabularySize != reference.Configuration.VocabularySize || !a.Tokens.SequenceEqual(b.Tokens))
        {
            throw new RubatoException(
                $"{model.File.Name} and {reference.File.Name} have different vocabularies; only models with the same one can be compared token by token.");
        }
    }
}

/// <summary>How far a model is from a reference.</summary>
/// <param name="Mean">Mean Kullback–Leibler divergence over the scored tokens, in nats.</param>
/// <param name="Max">The largest.</param>
/// <param name="SameTopShare">Share of the scored tokens at which both find the same token most likely.</param>
/// <param name="ScoredTokens">Tokens at which the two were compared.</param>
public readonly record struct Divergence(double Mean, double Max, double SameTopShare, long ScoredTokens);
