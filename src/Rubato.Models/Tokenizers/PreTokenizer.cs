using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tokenizers;

/// <summary>Cuts text into the pieces inside which byte-pair merging happens. Linear time; no regular expression.</summary>
public abstract class PreTokenizer
{
    private static readonly ImmutableDictionary<string, PreTokenizer> ByName = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        new KeyValuePair<string, PreTokenizer>[]
        {
            new("gpt-2", new Gpt2PreTokenizer()),
            new("llama-bpe", new Llama3PreTokenizer(maximumDigits: 3)),
            new("qwen2", new Llama3PreTokenizer(maximumDigits: 1)),
            new("default", new DefaultPreTokenizer()),
        });

    /// <summary>The names that <see cref="Get"/> knows, sorted; they are those of GGUF's <c>tokenizer.ggml.pre</c>.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The pre-tokenizer of the name.</summary>
    /// <exception cref="InvalidFormatException">The name is not known.</exception>
    public static PreTokenizer Get(string name) => ByName.TryGetValue(name, out var found)
        ? found
        : throw new InvalidFormatException(
            $"Pre-tokenizer {Printable.Quote(name)} is not supported; supported are {string.Join(", ", Names)}. "
            + "Text cut by another rule would give wrong tokens.");

    /// <summary>The end of the piece that starts at <paramref name="start"/>.</summary>
    /// <param name="text">The whole text; a lone surrogate counts as a symbol.</param>
    /// <param name="start">The start of a piece, below the length of the text.</param>
    /// <returns>An index above <paramref name="start"/>, at most the length of the text.</returns>
    public abstract int EndOfPiece(ReadOnlySpan<char> text, int start);
}
