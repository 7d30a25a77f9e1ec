using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>Finds GGUF's name for the way in which a tokenizer.json cuts text into pieces before byte-level merging.</summary>
/// <remarks>
/// The steps are brought to one spelling first: possessive quantifiers, the two spellings of the English contractions and line breaks
/// written out make no difference to what these expressions match.
/// </remarks>
internal static class PreTokenizerRecognition
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Spaces = @"|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Words = @"[^\r\n\p{L}\p{N}]?\p{L}+";
    private const string CasedWords =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+{0}|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*{0}";

    private const string Marks = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*" + Spaces;
    private const string Digit = "Digits";

    private static readonly ImmutableArray<(string Name, ImmutableArray<string> Steps)> Known =
    [
        ("gpt-2", [Gpt2]),
        ("smollm", [Digit, Gpt2]),
        ("llama-bpe", [$@"{Contractions}|{Words}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*{Spaces}"]),
        ("qwen2", [$@"{Contractions}|{Words}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*{Spaces}"]),
        ("qwen35", [$@"{Contractions}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*{Spaces}"]),
        ("seed-coder", [$@"{Contractions}|{Words}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}\r\n]+{Spaces}"]),
        ("tekken", [CasedWords.Replace("{0}", "", StringComparison.Ordinal) + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + Spaces]),
        ("gpt-4o", [CasedWords.Replace("{0}", Contractions + "?", StringComparison.Ordinal) + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + Spaces]),
        ("deepseek-v3", [@"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", Marks]),
        ("deepseek-coder", [@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", Digit]),
    ];

    /// <summary>The name.</summary>
    /// <param name="tokenizer">The content of tokenizer.json.</param>
    /// <param name="ignoresMerges">Whether pieces that are tokens are taken whole.</param>
    /// <exception cref="InvalidFormatException">No rule of GGUF cuts text in this way.</exception>
    public static string Name(JsonFields tokenizer, bool ignoresMerges)
    {
        var steps = new List<string>();
        Collect(tokenizer.FindObject("pre_tokenizer") ?? throw tokenizer.Missing("pre_tokenizer"), steps);
        var name = Known.FirstOrDefault(known => known.Steps.Select(Canonical).SequenceEqual(steps)).Name ?? throw tokenizer.Refused(
            $"the pre-tokenizer {Printable.Quote(string.Join(" then ", steps), lengthMax: 400)} is not supported; supported are those that GGUF calls {string.Join(", ", Known.Select(known => known.Name))}");
        return name == "llama-bpe" && !ignoresMerges ? "dbrx" : name;
    }

    private static void Collect(JsonFields step, List<string> steps)
    {
        var type = step.GetString("type");
        switch (type)
        {
            case "Sequence":
                foreach (var inner in step.Objects("pretokenizers"))
                {
                    Collect(inner, steps);
                }

                break;
            case "Split":
                steps.Add(Expression(step));
                break;
            case "Digits":
                steps.Add(Canonical(step.FindBoolean("individual_digits") == true ? Digit : @"\p{N}+"));
                break;
            case "ByteLevel":
                if (step.FindBoolean("add_prefix_space") == true)
                {
                    throw step.Refused("add_prefix_space puts a space before texts, which GGUF cannot say for byte-level tokenizers");
                }

                if (step.FindBoolean("use_regex") != false)
                {
                    steps.Add(Canonical(Gpt2));
                }

                break;
            default:
                throw step.Refused($"pre-tokenizers of the type {Printable.Quote(type)} are not supported; supported are Sequence, Split, Digits, ByteLevel");
        }
    }

    private static string Expression(JsonFields split)
    {
        var pattern = split.GetObject("pattern");
        var expression = pattern.FindString("Regex") ?? throw pattern.Missing("Regex");
        var behaviour = split.GetString("behavior");
        var inverted = split.FindBoolean("invert") == true;
        return (behaviour, inverted) is ("Isolated", false) or ("Removed", true)
            ? Canonical(expression)
            : throw split.Refused($"the behaviour {Printable.Quote(behaviour)}, {(inverted ? "" : "not ")}inverted, is not supported; supported is Isolated");
    }

    /// <summary>One spelling for several that match the same; applied to what is known as well, because it may touch characters of a class.</summary>
    private static string Canonical(string expression)
    {
        foreach (var (from, to) in new[]
        {
            ("\r", @"\r"), ("\n", @"\n"), ("'(?i:[sdmt]|ll|ve|re)", Contractions), ("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", Contractions),
            ("?+", "?"), ("++", "+"), ("*+", "*"), ("{1,3}+", "{1,3}"), (@"\p{N}{1}", @"\p{N}"), (@"|\s*[\r\n]|", @"|\s*[\r\n]+|"),
        })
        {
            expression = expression.Replace(from, to, StringComparison.Ordinal);
        }

        return expression;
    }
}
