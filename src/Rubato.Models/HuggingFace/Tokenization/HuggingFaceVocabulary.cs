using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>The tokenizer of a model folder as GGUF states it.</summary>
internal sealed class HuggingFaceVocabulary
{
    private const long TokenizerBytesMax = 128_000_000;
    private const long SettingsBytesMax = 32_000_000;
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
        var settings = JsonFile.Find(Path.Combine(folder, "tokenizer_config.json"), SettingsBytesMax);
        var templates = ChatTemplateFiles.Find(folder, settings);
        var notes = new List<string>();
        var path = Path.Combine(folder, "tokenizer.json");
        var isModel = !File.Exists(path) && File.Exists(Path.Combine(folder, SentencePieceFolder.ModelName));
        var vocabulary = isModel
            ? FromModel(SentencePieceFolder.Read(folder, settings, size), Special)
            : FromJson(TokenizerJson.Parse(JsonFile.Read(path, TokenizerBytesMax)), Special, size, notes);
        vocabulary = vocabulary with { ChatTemplate = templates.GetValueOrDefault(MainTemplate) };
        try
        {
            _ = Tokenizer.From(vocabulary);
        }
        catch (InvalidFormatException e)
        {
            throw new InvalidFormatException($"{(isModel ? Path.Combine(folder, SentencePieceFolder.ModelName) : path)}: {e.Message}", e);
        }

        return new(vocabulary, templates, [.. notes]);

        SpecialTokens Special(ISpecialTokenSource source) => SpecialTokens.Read(
            source, settings, JsonFile.Find(Path.Combine(folder, "special_tokens_map.json"), SettingsBytesMax), config,
            JsonFile.Find(Path.Combine(folder, "generation_config.json"), SettingsBytesMax), size);
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

    private static TokenizerVocabulary FromModel(SentencePieceFolder folder, Func<ISpecialTokenSource, SpecialTokens> read)
    {
        var special = read(folder.Model);
        var (tokens, types) = folder.Tokens(special.Unknown);
        return special.AddTo(new()
        {
            Model = "llama",
            Tokens = tokens,
            Types = types,
            Scores = folder.Scores,
            AddSpacePrefix = folder.AddsSpacePrefix,
        });
    }

    private static TokenizerVocabulary FromJson(TokenizerJson tokenizer, Func<ISpecialTokenSource, SpecialTokens> read, int size, List<string> notes)
    {
        var special = read(tokenizer);
        var isScored = SentencePieceStyle.Is(tokenizer);
        var (tokens, types) = Tokens(tokenizer, special, size, isScored);
        if (!isScored)
        {
            NoteNormalizer(tokenizer, notes);
        }

        return special.AddTo(new()
        {
            Model = isScored ? "llama" : "gpt2",
            PreTokenizer = isScored ? "default" : PreTokenizerRecognition.Name(tokenizer.Fields, tokenizer.IgnoresMerges),
            Tokens = tokens,
            Types = types,
            Scores = isScored ? SentencePieceStyle.Scores(tokenizer, size) : [],
            Merges = isScored ? [] : [.. tokenizer.Merges.Select(Spelled)],
            AddSpacePrefix = isScored && SentencePieceStyle.AddsSpacePrefix(tokenizer),
        });
    }

    private static (ImmutableArray<string> Tokens, ImmutableArray<TokenType> Types) Tokens(TokenizerJson tokenizer, SpecialTokens special, int size, bool isScored)
    {
        var table = new TokenTable(size);
        foreach (var (spelling, id) in tokenizer.Tokens)
        {
            table.Place(tokenizer.Fields.Source, id, spelling, isScored && SentencePieceStyle.IsByte(spelling) ? TokenType.Byte : TokenType.Normal);
        }

        foreach (var added in tokenizer.Added)
        {
            if (tokenizer.Tokens.TryGetValue(added.Content, out var id) && id != added.Id)
            {
                throw tokenizer.Fields.Refused($"the added token {Printable.Quote(added.Content)} has the id {added.Id}, in the vocabulary {id}");
            }

            table.PlaceAdded(tokenizer.Fields.Source, added);
        }

        if (isScored && special.Unknown is { } unknown)
        {
            table.MarkUnknown(unknown);
        }

        return table.Finish();
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
