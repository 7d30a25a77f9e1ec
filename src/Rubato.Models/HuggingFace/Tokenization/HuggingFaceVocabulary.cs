using System.Collections.Immutable;
using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>The tokenizer of a model folder as GGUF states it.</summary>
internal sealed class HuggingFaceVocabulary
{
    private const long TokenizerBytesMax = 256_000_000;
    private const long SettingsBytesMax = 64_000_000;
    private const string MainTemplate = "default";

    private readonly OrderedDictionary<string, string> _templates;

    private HuggingFaceVocabulary(TokenizerVocabulary vocabulary, OrderedDictionary<string, string> templates, ImmutableArray<string> notes) =>
        (Vocabulary, _templates, Notes) = (vocabulary, templates, notes);

    /// <summary>The vocabulary, from which a tokenizer was made to see that it works.</summary>
    public TokenizerVocabulary Vocabulary { get; }

    /// <summary>What a user should know.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="config">Its config.json.</param>
    /// <param name="size">Number of ids that the model has; those without a token get one that is never used.</param>
    /// <exception cref="RubatoException">A file is missing.</exception>
    /// <exception cref="InvalidFormatException">A file contradicts itself or holds what is not supported.</exception>
    public static HuggingFaceVocabulary Read(string folder, JsonFields config, int size)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        var tokenizer = TokenizerJson.Parse(JsonFile.Read(path, TokenizerBytesMax));
        var settings = JsonFile.Find(Path.Combine(folder, "tokenizer_config.json"), SettingsBytesMax);
        var special = SpecialTokens.Read(
            tokenizer, settings, JsonFile.Find(Path.Combine(folder, "special_tokens_map.json"), SettingsBytesMax), config,
            JsonFile.Find(Path.Combine(folder, "generation_config.json"), SettingsBytesMax), size);
        var templates = ChatTemplateFiles.Find(folder, settings);
        var notes = new List<string>();
        var isScored = SentencePieceStyle.Is(tokenizer);
        var (tokens, types) = Tokens(tokenizer, special, size, isScored);
        var vocabulary = new TokenizerVocabulary
        {
            Model = isScored ? "llama" : "gpt2",
            PreTokenizer = isScored ? "default" : PreTokenizerRecognition.Name(tokenizer.Fields, tokenizer.IgnoresMerges),
            Tokens = tokens,
            Types = types,
            Scores = isScored ? SentencePieceStyle.Scores(tokenizer, size) : [],
            Merges = isScored ? [] : [.. tokenizer.Merges.Select(Spelled)],
            BeginOfText = special.Begin,
            EndOfText = special.End,
            EndOfTurn = special.EndOfTurn,
            Unknown = special.Unknown,
            Padding = special.Padding,
            AddBeginOfText = special.AddBegin,
            AddEndOfText = special.AddEnd,
            AddSpacePrefix = isScored && SentencePieceStyle.AddsSpacePrefix(tokenizer),
            ChatTemplate = templates.GetValueOrDefault(MainTemplate),
        };
        if (!isScored)
        {
            NoteNormalizer(tokenizer, notes);
        }

        try
        {
            _ = Tokenizer.From(vocabulary);
        }
        catch (InvalidFormatException e)
        {
            throw new InvalidFormatException($"{path}: {e.Message}", e);
        }

        return new(vocabulary, templates, [.. notes]);
    }

    /// <summary>Sets the tokenizer's keys.</summary>
    public void WriteTo(GgufWriter writer)
    {
        Vocabulary.WriteTo(writer);
        string[] others = [.. _templates.Keys.Where(name => name != MainTemplate)];
        if (others.Length > 0)
        {
            writer.Set("tokenizer.chat_templates", GgufArray.Of(others.ToImmutableArray()));
            foreach (var name in others)
            {
                writer.Set($"tokenizer.chat_template.{name}", _templates[name]);
            }
        }
    }

    private static (ImmutableArray<string> Tokens, ImmutableArray<TokenType> Types) Tokens(TokenizerJson tokenizer, SpecialTokens special, int size, bool isScored)
    {
        var tokens = new string?[size];
        var types = new TokenType[size];
        foreach (var (spelling, id) in tokenizer.Tokens)
        {
            Place(tokenizer, tokens, id, spelling);
            types[id] = isScored && SentencePieceStyle.IsByte(spelling) ? TokenType.Byte : TokenType.Normal;
        }

        foreach (var added in tokenizer.Added)
        {
            Place(tokenizer, tokens, added.Id, added.Content);
            if (tokenizer.Tokens.TryGetValue(added.Content, out var id) && id != added.Id)
            {
                throw tokenizer.Fields.Refused($"the added token {Printable.Quote(added.Content)} has the id {added.Id}, in the vocabulary {id}");
            }

            types[added.Id] = added.IsSpecial ? TokenType.Control : TokenType.UserDefined;
            tokens[added.Id] = added.IsSpecial ? added.Content : added.Content.Replace('\u2581', ' ');
        }

        if (isScored && special.Unknown is { } unknown)
        {
            types[unknown] = TokenType.Unknown;
        }

        FillGaps(tokens, types);
        return ([.. tokens.Select(token => token!)], [.. types]);
    }

    private static void Place(TokenizerJson tokenizer, string?[] tokens, int id, string spelling)
    {
        if (id < 0 || id >= tokens.Length)
        {
            throw tokenizer.Fields.Refused($"token {Printable.Quote(spelling)} has the id {id}, but config.json says that there are {tokens.Length} (vocab_size)");
        }

        if (tokens[id] is { } other && other != spelling)
        {
            throw tokenizer.Fields.Refused($"the id {id} is that of {Printable.Quote(other)} and of {Printable.Quote(spelling)}");
        }

        tokens[id] = spelling;
    }

    private static void FillGaps(string?[] tokens, TokenType[] types)
    {
        var taken = tokens.OfType<string>().ToHashSet(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is null)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]");
                while (!taken.Add(name))
                {
                    name += "_";
                }

                (tokens[id], types[id]) = (name, TokenType.Unused);
            }
        }
    }

    private static string Spelled((string Left, string Right) merge) => $"{merge.Left} {merge.Right}";

    /// <summary>GGUF does not say that texts are normalised; composing characters is the only form that hardly matters.</summary>
    private static void NoteNormalizer(TokenizerJson tokenizer, List<string> notes)
    {
        var normalizer = tokenizer.Fields.FindObject("normalizer");
        var type = normalizer?.FindString("type");
        if (type == "NFC")
        {
            notes.Add("the tokenizer composes characters first (NFC), which GGUF does not say: decomposed text gets other tokens");
        }
        else if (normalizer is not null && !(type == "Sequence" && !normalizer.Objects("normalizers").Any()))
        {
            throw normalizer.Refused($"the normaliser {Printable.Quote(type ?? "without a type")} has no place in GGUF; NFC or none is supported for byte-level tokenizers");
        }
    }
}
