using System.Collections.Immutable;
using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>The vocabulary of a folder that has a tokenizer.model and no tokenizer.json: pieces, and the tokens that JSON files add.</summary>
internal sealed class SentencePieceFolder
{
    private const long ModelBytesMax = 64_000_000;
    private const long AddedBytesMax = 16_000_000;

    /// <summary>Lower than any that a model has: such a token never comes from merging.</summary>
    private const float ScoreOfAdded = -1e6f;

    private readonly TokenTable _table;
    private readonly float[] _scores;
    private readonly string _path;

    private SentencePieceFolder(string folder, JsonFields? settings, int size)
    {
        _path = Path.Combine(folder, ModelName);
        _table = new(size);
        _scores = new float[size];
        Model = SentencePieceModel.Parse(JsonFile.ReadBytes(_path, ModelBytesMax), _path);
        foreach (var (id, piece) in Model.Pieces.Index())
        {
            _table.Place(_path, id, piece.Type == TokenType.UserDefined ? TokenTable.Plain(piece.Spelling) : piece.Spelling, piece.Type);
            _scores[id] = piece.Score;
        }

        AddTokens(JsonFile.Find(Path.Combine(folder, "added_tokens.json"), AddedBytesMax));
        AddDescribedTokens(settings);
        AddsSpacePrefix = settings?.FindBoolean("add_prefix_space") ?? Model.AddsSpacePrefix;
    }

    /// <summary>Name of the file.</summary>
    public static string ModelName => "tokenizer.model";

    /// <summary>The model.</summary>
    public SentencePieceModel Model { get; }

    /// <summary>Whether a space goes before texts.</summary>
    public bool AddsSpacePrefix { get; }

    /// <summary>A score for every id.</summary>
    public ImmutableArray<float> Scores => [.. _scores];

    /// <summary>Reads the files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">Its tokenizer_config.json, or null.</param>
    /// <param name="size">Number of ids that the model has.</param>
    /// <exception cref="InvalidFormatException">A file is damaged, files contradict each other, or ask for what GGUF cannot state.</exception>
    public static SentencePieceFolder Read(string folder, JsonFields? settings, int size) => new(folder, settings, size);

    /// <summary>The tokens with their types.</summary>
    public (ImmutableArray<string> Tokens, ImmutableArray<TokenType> Types) Tokens(int? unknown)
    {
        if (unknown is { } id)
        {
            _table.MarkUnknown(id);
        }

        return _table.Finish();
    }

    /// <summary>added_tokens.json: ids by spelling.</summary>
    private void AddTokens(JsonFields? added)
    {
        foreach (var entry in added?.Element.EnumerateObject() ?? default)
        {
            Add(added!, new(added!.GetInt32(entry.Name), entry.Name, AddedToken.LooksSpecial(entry.Name)));
        }
    }

    /// <summary>added_tokens_decoder in tokenizer_config.json: what each id spells, and whether it is special.</summary>
    private void AddDescribedTokens(JsonFields? settings)
    {
        if (settings?.FindObject("added_tokens_decoder") is not { } described)
        {
            return;
        }

        foreach (var entry in described.Element.EnumerateObject())
        {
            var token = described.GetObject(entry.Name);
            var content = token.GetString("content");
            var id = int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw described.Refused($"{Printable.Quote(entry.Name)} is no id");
            Add(described, new(id, content, token.FindBoolean("special") == true || AddedToken.LooksSpecial(content)));
        }
    }

    private void Add(JsonFields file, AddedToken added)
    {
        if (added.Content.Length == 0)
        {
            throw file.Refused($"token {added.Id} has no spelling");
        }

        var plain = TokenTable.Plain(added.Content);
        var isSame = _table.At(added.Id) is { } there && (there == added.Content || there == plain);
        if (isSame && (_table.TypeAt(added.Id) == TokenType.Unknown || _table.TypeAt(added.Id) == TokenType.Byte))
        {
            return;
        }

        if (Model.Find(added.Content) is { } id && id != added.Id)
        {
            throw file.Refused($"the added token {Printable.Quote(added.Content)} has the id {added.Id}, in {ModelName} {id}");
        }

        if (isSame || (_table.At(added.Id) is not null && _table.TypeAt(added.Id) is TokenType.Unused or TokenType.UserDefined or TokenType.Control))
        {
            _table.Clear(added.Id); // The JSON files say what a place spells that the model only reserved.
        }
        else if (_table.At(added.Id) is null && added.Id >= 0 && added.Id < _scores.Length)
        {
            _scores[added.Id] = ScoreOfAdded;
        }

        _table.PlaceAdded(file.Source, added);
        Model.NoteAdded(added);
    }
}
