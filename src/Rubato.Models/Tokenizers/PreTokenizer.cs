using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tokenizers;

/// <summary>Cuts text into the pieces inside which byte-pair merging happens. Linear time; no regular expression.</summary>
public abstract class PreTokenizer
{
    private static readonly ImmutableDictionary<string, PreTokenizerRule> ByName = PreTokenizerRule.All.ToImmutableDictionary(rule => rule.Name, StringComparer.Ordinal);

    /// <summary>The names that <see cref="Get"/> knows, sorted; they are those of GGUF's <c>tokenizer.ggml.pre</c>.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The pre-tokenizer of the name.</summary>
    /// <exception cref="InvalidFormatException">The name is not known.</exception>
    public static PreTokenizer Get(string name) => Find(name)?.Scanner
        ?? throw new InvalidFormatException(
            $"Pre-tokenizer {Printable.Quote(name)} is not supported; supported are {string.Join(", ", Names)}. "
            + "Text cut by another rule would give wrong tokens.");

    /// <summary>What the name stands for beside the way to cut, or null when it is not known.</summary>
    internal static PreTokenizerRule? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The end of the piece that starts at <paramref name="start"/>.</summary>
    /// <param name="text">The whole text; a lone surrogate counts as a symbol.</param>
    /// <param name="start">The start of a piece, below the length of the text.</param>
    /// <returns>An index above <paramref name="start"/>, at most the length of the text.</returns>
    public abstract int EndOfPiece(ReadOnlySpan<char> text, int start);
}
