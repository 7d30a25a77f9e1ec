using Rubato.Core;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Threading;

namespace Rubato.Inference.Evaluation;

/// <summary>Perplexity by the definition of llama-perplexity, so that numbers of both programs can be compared (see <see cref="EvaluationWindows"/>).</summary>
public static class PerplexityEvaluator
{
    /// <summary>Measures <paramref name="model"/> on <paramref name="windows"/>.</summary>
    /// <param name="model">The model whose tokenizer made the windows.</param>
    /// <param name="gang">Does the work.</param>
    /// <param name="windows">The text.</param>
    /// <param name="progress">Called with the share done, in [0, 1].</param>
    /// <param name="keyValues">How the model keeps keys and values.</param>
    /// <exception cref="InvalidOptionException">The windows are longer than the model's context.</exception>
    /// <exception cref="RubatoException">The model gives no finite logits.</exception>
    public static Perplexity Measure(DecoderModel model, WorkerGang gang, EvaluationWindows windows, Action<double>? progress = null, KvFormat keyValues = KvFormat.F32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(gang);
        ArgumentNullException.ThrowIfNull(windows);
        using var pass = new WindowPass(model, gang, windows, keyValues);
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < windows.Count; i++)
        {
            var window = windows[i];
            foreach (var (start, count, rows) in WindowPass.Pieces(windows, pass.Piece))
            {
                pass.Feed(window, start, count, rows);
                for (var row = 0; row < rows; row++)
                {
                    var logits = pass.Logits(row, out var normaliser);
                    var loss = normaliser - logits[window[start + count - rows + row + 1]];
                    sum += loss;
                    squares += loss * loss;
                }

                progress?.Invoke((i + ((double)(start + count) / (windows.Window - 1))) / windows.Count);
            }
        }

        return Perplexity.Of(windows.ScoredTokens, sum, squares);
    }
}

/// <summary>How well a model predicts a text.</summary>
/// <param name="Value">e to the mean loss per token.</param>
/// <param name="StandardError">Of the value, taking the losses for independent.</param>
/// <param name="ScoredTokens">Tokens whose loss was taken.</param>
public readonly record struct Perplexity(double Value, double StandardError, long ScoredTokens)
{
    internal static Perplexity Of(long count, double sum, double squares)
    {
        var mean = sum / count;
        var variance = Math.Max(0, (squares / count) - (mean * mean));
        var value = Math.Exp(mean);
        return new(value, value * Math.Sqrt(variance / Math.Max(1, count - 1)), count);
    }
}
