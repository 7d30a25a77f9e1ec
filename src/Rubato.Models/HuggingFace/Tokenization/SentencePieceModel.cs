using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>A tokenizer.model: pieces with scores, and how text is prepared for them. Numbers of fields and defaults are those of SentencePiece's own schema.</summary>
internal sealed class SentencePieceModel : ISpecialTokenSource
{
    private const int PiecesMax = 1_000_000;
    private const int Unigram = 1;
    private const int Bpe = 2;

    private readonly string _source;
    private readonly ImmutableArray<SentencePiece>.Builder _pieces = ImmutableArray.CreateBuilder<SentencePiece>();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _addedIds = new(StringComparer.Ordinal);
    private int _kind = Unigram;
    private int _begin = 1;
    private int _end = 2;
    private int _unknown;
    private int _padding = -1;
    private string _normalization = "";
    private bool _removesExtraSpaces = true;
    private bool _marksSpaces = true;
    private bool _spacesAreSuffixes;

    private SentencePieceModel(string source) => _source = source;

    /// <summary>The pieces; the index is the id.</summary>
    public ImmutableArray<SentencePiece> Pieces { get; private set; }

    /// <summary>Whether a space goes before texts.</summary>
    public bool AddsSpacePrefix { get; private set; } = true;

    /// <inheritdoc/>
    public int? Begin => Own(_begin);

    /// <inheritdoc/>
    public int? End => Own(_end);

    /// <inheritdoc/>
    public int? Unknown => Own(_unknown);

    /// <inheritdoc/>
    public int? Padding => Own(_padding);

    /// <summary>Reads a model.</summary>
    /// <param name="content">The file.</param>
    /// <param name="source">Its name, for errors.</param>
    /// <exception cref="InvalidFormatException">It is damaged, or asks for what GGUF cannot state.</exception>
    public static SentencePieceModel Parse(ReadOnlySpan<byte> content, string source)
    {
        var model = new SentencePieceModel(source);
        var reader = new ProtobufReader(content, source);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    model.AddPiece(reader.Bytes());
                    break;
                case 2:
                    model.ReadTrainer(reader.Bytes());
                    break;
                case 3:
                    model.ReadNormalizer(reader.Bytes());
                    break;
            }
        }

        model.Pieces = model._pieces.DrainToImmutable();
        model.Check();
        return model;
    }

    /// <inheritdoc/>
    public int? Find(string spelling) => _addedIds.TryGetValue(spelling, out var id) || _ids.TryGetValue(spelling, out id) ? id : null;

    /// <inheritdoc/>
    /// <remarks>Programs that load such a file put the begin-of-text token first unless tokenizer_config.json says otherwise.</remarks>
    public (bool Begins, bool Ends) Surrounds(int? begin, int? end) => (begin is not null, false);

    /// <summary>Lets <see cref="Find"/> know of a token that another file adds.</summary>
    public void NoteAdded(AddedToken added) => _addedIds[added.Content] = added.Id;

    /// <summary>The error that the model has a fault.</summary>
    public InvalidFormatException Refused(string reason) => new($"{_source}: {reason}.");

    private void AddPiece(ReadOnlySpan<byte> message)
    {
        var (spelling, score, type) = ("", 0f, (int)TokenType.Normal);
        var reader = new ProtobufReader(message, _source);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    spelling = reader.Text();
                    break;
                case 2:
                    score = reader.Single();
                    break;
                case 3:
                    type = reader.Int32();
                    break;
            }
        }

        var id = _pieces.Count;
        if (id == PiecesMax)
        {
            throw Refused($"there are more than {PiecesMax} pieces");
        }

        if (spelling.Length == 0 || !float.IsFinite(score) || type is < (int)TokenType.Normal or > (int)TokenType.Byte)
        {
            throw Refused($"piece {id} {Printable.Quote(spelling)} has the score {score} and the type {type}; a spelling, a finite score and a type of 1 … 6 are needed");
        }

        if (!_ids.TryAdd(spelling, id))
        {
            throw Refused($"piece {Printable.Quote(spelling)} occurs twice, with the ids {_ids[spelling]} and {id}");
        }

        _pieces.Add(new(spelling, score, (TokenType)type));
    }

    private void ReadTrainer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message, _source);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 3:
                    _kind = reader.Int32();
                    break;
                case 24:
                    _spacesAreSuffixes = reader.Boolean();
                    break;
                case 40:
                    _unknown = reader.Int32();
                    break;
                case 41:
                    _begin = reader.Int32();
                    break;
                case 42:
                    _end = reader.Int32();
                    break;
                case 43:
                    _padding = reader.Int32();
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message, _source);
        var (name, hasMap) = ("", false);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    name = reader.Text();
                    break;
                case 2:
                    hasMap = !reader.Bytes().IsEmpty;
                    break;
                case 3:
                    AddsSpacePrefix = reader.Boolean();
                    break;
                case 4:
                    _removesExtraSpaces = reader.Boolean();
                    break;
                case 5:
                    _marksSpaces = reader.Boolean();
                    break;
            }
        }

        _normalization = hasMap ? name.Length > 0 ? name : "without a name" : "";
    }

    private void Check()
    {
        if (Pieces.IsEmpty)
        {
            throw Refused("not a SentencePiece model: there are no pieces (a tokenizer.model of Llama 3 is another format; its folder needs tokenizer.json)");
        }

        if (_kind != Bpe)
        {
            throw Refused($"SentencePiece models of the kind {(_kind == Unigram ? "unigram" : $"{_kind}")} are not supported; supported is BPE");
        }

        if (_normalization.Length > 0)
        {
            throw Refused($"characters are replaced first (the normaliser {Printable.Quote(_normalization)}), which has no place in GGUF");
        }

        if (_removesExtraSpaces || !_marksSpaces || _spacesAreSuffixes)
        {
            throw Refused("repeated spaces are removed, not marked, or belong to the word before them, which has no place in GGUF");
        }
    }

    private int? Own(int id) => id >= 0 && id < Pieces.Length ? id : null;
}

/// <summary>A piece of a SentencePiece model.</summary>
/// <param name="Spelling">Its text, spaces spelled ▁.</param>
/// <param name="Score">Higher merges first.</param>
/// <param name="Type">Its kind; SentencePiece and GGUF use the same numbers.</param>
internal readonly record struct SentencePiece(string Spelling, float Score, TokenType Type);
