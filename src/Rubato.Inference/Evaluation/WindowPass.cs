using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Reductions;
using Rubato.Kernels.Threading;
using Rubato.Serving;

namespace Rubato.Inference.Evaluation;

/// <summary>Feeds windows of one length to a model, piece by piece, and gives the logits behind the tokens that are scored.</summary>
internal sealed class WindowPass : IDisposable
{
    private const int BlockTokens = 64;
    private const int PieceMax = 512; // tokens
    private const int LogitsMax = 16 * 1024 * 1024; // floats

    private readonly KvCache _cache;
    private readonly ForwardPass _pass;
    private readonly BlockId[] _table;
    private readonly string _model;

    /// <exception cref="InvalidOptionException">The window is longer than the model's context.</exception>
    public WindowPass(DecoderModel model, WorkerGang gang, EvaluationWindows windows, KvFormat keyValues)
    {
        var configuration = model.Configuration;
        if (windows.Window > configuration.ContextLength)
        {
            throw new InvalidOptionException(
                $"context: {windows.Window} is more than the {configuration.ContextLength} tokens that {model.File.Name} was made for.");
        }

        _model = model.File.Name;
        Piece = Math.Clamp(LogitsMax / configuration.VocabularySize, 1, PieceMax);
        _cache = new(configuration, BlockTokens, ((windows.Window - 1) / BlockTokens) + 1, keyValues);
        _pass = new(model, _cache, gang);
        _table = [.. Enumerable.Range(0, _cache.Blocks).Select(block => new BlockId(block))];
    }

    /// <summary>Most tokens that are fed at once.</summary>
    public int Piece { get; }

    /// <summary>Feeds tokens of a window; all before them have been fed.</summary>
    /// <param name="window">The whole window.</param>
    /// <param name="start">The first token to feed.</param>
    /// <param name="count">How many, at most <see cref="Piece"/>.</param>
    /// <param name="rows">Behind how many of the last of them the logits are wanted.</param>
    public void Feed(ReadOnlySpan<int> window, int start, int count, int rows)
    {
        _pass.Clear();
        _pass.Append(start, window.Slice(start, count), _table, rows);
        _pass.Run();
    }

    /// <summary>The logits of a row of those wanted; valid until more is fed.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="normaliser">ln Σ eˣ of them: log-probability = logit − normaliser.</param>
    /// <exception cref="RubatoException">They are not finite.</exception>
    public ReadOnlySpan<float> Logits(int row, out double normaliser)
    {
        var logits = _pass.Logits(row);
        normaliser = LogSumExp.Of(logits);
        return double.IsFinite(normaliser)
            ? logits
            : throw new RubatoException($"{_model}: the model gave no finite logits; its weights are damaged or too large for single precision.");
    }

    public void Dispose()
    {
        _pass.Dispose();
        _cache.Dispose();
    }

    /// <summary>The pieces in which a window is fed; its last token is scored, but never fed.</summary>
    /// <returns>Start, tokens, and rows of logits wanted of each.</returns>
    public static IEnumerable<(int Start, int Count, int Rows)> Pieces(EvaluationWindows windows, int piece)
    {
        for (var start = 0; start < windows.Window - 1; start += piece)
        {
            var count = Math.Min(piece, windows.Window - 1 - start);
            yield return (start, count, Math.Clamp(start + count + 1 - windows.FirstScored, 0, count));
        }
    }
}
