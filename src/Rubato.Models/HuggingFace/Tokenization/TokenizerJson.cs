using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>The vocabulary in a tokenizer.json: tokens by id, merges in order of rank, tokens that were added.</summary>
internal sealed class TokenizerJson : ISpecialTokenSource
{
    private const int TokensMax = 1_000_000;
    private const int MergesMax = 2_000_000;

    private readonly Dictionary<string, int> _addedIds = new(StringComparer.Ordinal);

    private TokenizerJson(JsonFields fields, JsonFields model)
    {
        (Fields, Model) = (fields, model);
        Tokens = ReadTokens(model);
        Merges = ReadMerges(model);
        Added = [.. fields.Objects("added_tokens").Select(AddedToken.Read)];
        foreach (var added in Added)
        {
            _addedIds.TryAdd(added.Content, added.Id);
        }
    }

    /// <summary>The whole file.</summary>
    public JsonFields Fields { get; }

    /// <summary>Its model.</summary>
    public JsonFields Model { get; }

    /// <summary>Ids by spelling, added tokens not counted.</summary>
    public IReadOnlyDictionary<string, int> Tokens { get; }

    /// <summary>The merges in order of rank.</summary>
    public ImmutableArray<(string Left, string Right)> Merges { get; }

    /// <summary>Tokens that are matched before merging.</summary>
    public ImmutableArray<AddedToken> Added { get; }

    /// <summary>Whether a piece that is a token is taken whole.</summary>
    public bool IgnoresMerges => Model.FindBoolean("ignore_merges") == true;

    /// <summary>Whether characters that are in no token become tokens of their bytes.</summary>
    public bool FallsBackToBytes => Model.FindBoolean("byte_fallback") == true;

    /// <inheritdoc/>
    public int? Begin => null;

    /// <inheritdoc/>
    public int? End => null;

    /// <inheritdoc/>
    public int? Padding => null;

    /// <inheritdoc/>
    public int? Unknown => Model.FindString("unk_token") is { Length: > 0 } spelling
        ? Find(spelling) ?? throw Model.Refused($"unk_token is {Printable.Quote(spelling)}, which is no token")
        : null;

    /// <exception cref="InvalidFormatException">The file contradicts itself, or holds another kind of model than BPE.</exception>
    public static TokenizerJson Parse(JsonFields fields)
    {
        var model = fields.GetObject("model");
        var type = model.FindString("type") ?? (model.Has("merges") ? "BPE" : "unknown");
        if (type != "BPE")
        {
            throw model.Refused($"tokenizers of the type {Printable.Quote(type)} are not supported; supported is BPE");
        }

        if (model.FindSingle("dropout") is not (null or 0) || !string.IsNullOrEmpty(model.FindString("continuing_subword_prefix"))
            || !string.IsNullOrEmpty(model.FindString("end_of_word_suffix")))
        {
            throw model.Refused("dropout, continuing_subword_prefix and end_of_word_suffix have no place in GGUF");
        }

        return new(fields, model);
    }

    /// <summary>The id of the token with the spelling; null when there is none.</summary>
    public int? Find(string spelling) =>
        _addedIds.TryGetValue(spelling, out var id) || Tokens.TryGetValue(spelling, out id) ? id : null;

    /// <inheritdoc/>
    /// <remarks>The post-processor says what stands around a single text.</remarks>
    public (bool Begins, bool Ends) Surrounds(int? begin, int? end)
    {
        if (Fields.FindObject("post_processor") is not { } processor)
        {
            return (false, false);
        }

        foreach (var one in processor.FindString("type") == "Sequence" ? processor.Objects("processors") : [processor])
        {
            if (one.FindString("type") == "TemplateProcessing")
            {
                var ids = one.Objects("single").Select(item => item.FindObject("SpecialToken")?.FindString("id") is { } spelling ? Find(spelling) : null).ToList();
                return (ids.Count > 1 && begin is not null && ids[0] == begin, ids.Count > 1 && end is not null && ids[^1] == end);
            }
        }

        return (false, false);
    }

    private static Dictionary<string, int> ReadTokens(JsonFields model)
    {
        var vocabulary = model.GetObject("vocab");
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        foreach (var entry in vocabulary.Element.EnumerateObject())
        {
            var id = entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out var whole) && whole is >= 0 and < TokensMax
                ? whole
                : throw vocabulary.Wrong(entry.Name, entry.Value, $"an id of 0 … {TokensMax - 1}");
            if (!ids.Add(id))
            {
                throw vocabulary.Refused($"token {Printable.Quote(entry.Name)} has the id {id}, which another has as well");
            }

            tokens.Add(entry.Name, id);
        }

        return tokens.Count > 0 ? tokens : throw vocabulary.Refused("there are no tokens");
    }

    private ImmutableArray<(string Left, string Right)> ReadMerges(JsonFields model)
    {
        var merges = ImmutableArray.CreateBuilder<(string Left, string Right)>();
        foreach (var merge in model.FindArray("merges") ?? throw model.Missing("merges"))
        {
            var (left, right) = Parts(merge) ?? throw model.Wrong($"merges[{merges.Count}]", merge, "two spellings with a space between, or an array of two");
            if (!Tokens.ContainsKey(left) || !Tokens.ContainsKey(right) || !Tokens.ContainsKey(left + right))
            {
                throw model.Refused($"merge {merges.Count} of {Printable.Quote(left)} and {Printable.Quote(right)}: its parts or its result are not tokens");
            }

            if (merges.Count == MergesMax)
            {
                throw model.Refused($"there are more than {MergesMax} merges");
            }

            merges.Add((left, right));
        }

        return merges.DrainToImmutable();
    }

    private static (string Left, string Right)? Parts(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String)
        {
            return (merge[0].GetString()!, merge[1].GetString()!);
        }

        if (merge.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var text = merge.GetString()!;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && space < text.Length - 1 && text.IndexOf(' ', space + 1) < 0 ? (text[..space], text[(space + 1)..]) : null;
    }
}

/// <summary>A token that was added to a vocabulary.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
/// <param name="IsSpecial">Whether it controls the model and is part of no text.</param>
internal sealed record AddedToken(int Id, string Content, bool IsSpecial)
{
    public static AddedToken Read(JsonFields fields) =>
        new(fields.GetInt32("id"), fields.GetString("content"), fields.FindBoolean("special") == true || LooksSpecial(fields.GetString("content")));

    /// <summary>Spellings that are control tokens although some files do not mark them so; llama.cpp takes the same for ones.</summary>
    public static bool LooksSpecial(string content) =>
        content is "<pad>" or "<mask>" or "<2mass>" or "[@BOS@]"
        || content.StartsWith("<|", StringComparison.Ordinal) && content.EndsWith("|>", StringComparison.Ordinal)
        || content.StartsWith("<｜", StringComparison.Ordinal) && content.EndsWith("｜>", StringComparison.Ordinal)
        || content.StartsWith("<unused", StringComparison.Ordinal) && content.EndsWith('>');
}
