using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Inference.Evaluation;

/// <summary>A text cut into windows as llama-perplexity cuts it: side by side, each of the same length, what is left at the end unused.</summary>
/// <remarks>
/// Where the model wants a begin-of-text token, it stands before the text, and takes the place of the first token of every window. In each
/// window the tokens behind its first half are scored, but for the first of them: window − 1 − window / 2 tokens, each with at least half a
/// window before it.
/// </remarks>
public sealed class EvaluationWindows
{
    /// <summary>The shortest window in tokens.</summary>
    public const int WindowMin = 4;

    private readonly int[] _tokens;
    private readonly int? _beginOfText;

    private EvaluationWindows(int[] tokens, int? beginOfText, int window, int count)
    {
        (_tokens, _beginOfText) = (tokens, beginOfText);
        (Window, Count) = (window, count);
    }

    /// <summary>Tokens in a window.</summary>
    public int Window { get; }

    /// <summary>Windows, at least one.</summary>
    public int Count { get; }

    /// <summary>Tokens that are scored in all windows together.</summary>
    public long ScoredTokens => (long)Count * ScoredPerWindow;

    /// <summary>Position within a window of the first token that is scored.</summary>
    internal int FirstScored => (Window / 2) + 1;

    internal int ScoredPerWindow => Window - FirstScored;

    /// <summary>Cuts <paramref name="text"/>.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="text">Any text; one line feed at its end does not count.</param>
    /// <param name="window">Tokens in a window, at least 4.</param>
    /// <param name="windowsMax">Most windows, at least 1; null for all.</param>
    /// <exception cref="InvalidOptionException">A number is out of range, or the text is shorter than one window.</exception>
    public static EvaluationWindows Cut(ITokenizer tokenizer, string text, int window, int? windowsMax = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(text);
        if (window < WindowMin)
        {
            throw new InvalidOptionException($"context: {window} is not at least {WindowMin} tokens.");
        }

        if (windowsMax < 1)
        {
            throw new InvalidOptionException($"windows: {windowsMax} is not at least 1; leave it out for all.");
        }

        var begin = tokenizer.Encode("", addSpecial: true, parseSpecial: false) is [var first, ..] && first == tokenizer.BeginOfText ? first : (int?)null;
        var encoded = tokenizer.Encode(text.EndsWith('\n') ? text[..^1] : text, addSpecial: false, parseSpecial: false);
        int[] tokens = begin is { } token ? [token, .. encoded] : encoded;
        var count = tokens.Length / window;
        return count >= 1
            ? new(tokens, begin, window, Math.Min(count, windowsMax ?? count))
            : throw new InvalidOptionException($"The text has {tokens.Length} tokens, not even one window of {window}: give a longer text or a smaller --context.");
    }

    /// <summary>The tokens of a window.</summary>
    internal int[] this[int index]
    {
        get
        {
            var window = _tokens.AsSpan(index * Window, Window).ToArray();
            window[0] = _beginOfText ?? window[0];
            return window;
        }
    }
}
