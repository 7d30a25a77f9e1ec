using System.Text;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Reductions;
using Rubato.Kernels.Threading;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Inference.Evaluation;

/// <summary>Measures how likely a model finds a text: perplexity and bits per byte.</summary>
/// <remarks>
/// The text is read in windows that overlap by half, and each token is scored once, in the first window that holds it: every token
/// but those of the first window has at least half a window of text before it. The first token follows the begin-of-text token where
/// the model has one; where it has none, it is charged as one among equals, ln(vocabulary).
/// </remarks>
public sealed class LikelihoodEvaluator
{
    private const int BlockTokens = 64;
    private const long LogitsMax = 16 * 1024 * 1024; // floats

    private readonly DecoderModel _model;
    private readonly WorkerGang _gang;
    private readonly KvFormat _keyValues;

    /// <summary>Prepares evaluation; model and gang must outlive it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="gang">Does the work.</param>
    /// <param name="keyValues">How the model keeps keys and values.</param>
    public LikelihoodEvaluator(DecoderModel model, WorkerGang gang, KvFormat keyValues = KvFormat.F32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(gang);
        _model = model;
        _gang = gang;
        _keyValues = keyValues;
    }

    /// <summary>Scores <paramref name="text"/>.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="text">Any text.</param>
    /// <param name="window">Tokens in a window, 2 … context length; null: the context length.</param>
    /// <param name="progress">Called with the share done, in [0, 1].</param>
    /// <exception cref="InvalidOptionException">The window is out of range.</exception>
    public TextLikelihood Evaluate(ITokenizer tokenizer, string text, int? window = null, Action<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(text);
        var tokens = tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
        var loss = NegativeLogLikelihood(tokens, tokenizer.BeginOfText, window, progress);
        return new(tokens.Length, Encoding.UTF8.GetByteCount(text), loss);
    }

    /// <summary>Sum over <paramref name="tokens"/> of −ln p(token | those before it), in nats.</summary>
    /// <param name="tokens">A text.</param>
    /// <param name="beginOfText">Put before it, and not scored; null when the model has none.</param>
    /// <param name="window">Tokens in a window, 2 … context length; null: the context length.</param>
    /// <param name="progress">Called with the share done, in [0, 1].</param>
    /// <exception cref="InvalidOptionException">The window is out of range.</exception>
    public double NegativeLogLikelihood(
        ReadOnlySpan<int> tokens, int? beginOfText = null, int? window = null, Action<double>? progress = null)
    {
        var context = _model.Configuration.ContextLength;
        var size = window ?? context;
        if (size < 2 || size > context)
        {
            throw new InvalidOptionException($"window: {size} is not in 2…{context}, the context length of the model.");
        }

        if (tokens.IsEmpty)
        {
            return 0;
        }

        int[] sequence = beginOfText is { } begin ? [begin, .. tokens] : [.. tokens];
        var loss = beginOfText is null ? Math.Log(_model.Configuration.VocabularySize) : 0;
        using var cache = new KvCache(_model.Configuration, BlockTokens, ((Math.Min(size, sequence.Length) - 1) / BlockTokens) + 1, _keyValues);
        using var pass = new ForwardPass(_model, cache, _gang);
        var table = Enumerable.Range(0, cache.Blocks).Select(block => new BlockId(block)).ToArray();
        var scored = 1;
        while (scored < sequence.Length)
        {
            var start = scored == 1 ? 0 : Math.Max(scored - (size / 2), 0);
            var end = Math.Min(start + size, sequence.Length);
            loss += ScoreWindow(pass, table, sequence.AsSpan(start, end - start), scored - start);
            scored = end;
            progress?.Invoke((double)scored / sequence.Length);
        }

        return loss;
    }

    /// <summary>The loss of the tokens of <paramref name="window"/> from <paramref name="first"/> on.</summary>
    private double ScoreWindow(ForwardPass pass, BlockId[] table, ReadOnlySpan<int> window, int first)
    {
        var chunk = (int)Math.Clamp(LogitsMax / _model.Configuration.VocabularySize, 1, 512);
        var loss = 0.0;

        // The last token is scored, but never fed.
        for (var start = 0; start < window.Length - 1; start += chunk)
        {
            var count = Math.Min(chunk, window.Length - 1 - start);
            var rows = Math.Clamp(start + count + 1 - first, 0, count);
            pass.Clear();
            pass.Append(start, window.Slice(start, count), table, rows);
            pass.Run();
            for (var row = 0; row < rows; row++)
            {
                var logits = pass.Logits(row);
                loss += LogSumExp.Of(logits) - logits[window[start + count - rows + row + 1]];
            }
        }

        return loss;
    }
}
