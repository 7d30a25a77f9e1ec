using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>Which tokens begin and end texts, gathered from the files of a folder; tokenizer_config.json counts before the others.</summary>
internal sealed record SpecialTokens
{
    public int? Begin { get; private init; }

    public int? End { get; private init; }

    public int? EndOfTurn { get; private init; }

    public int? Unknown { get; private init; }

    public int? Padding { get; private init; }

    public bool AddBegin { get; private init; }

    public bool AddEnd { get; private init; }

    /// <param name="tokenizer">The tokenizer's own file.</param>
    /// <param name="settings">tokenizer_config.json, or null.</param>
    /// <param name="map">special_tokens_map.json, or null.</param>
    /// <param name="config">config.json.</param>
    /// <param name="generation">generation_config.json, or null.</param>
    /// <param name="vocabularySize">Number of ids.</param>
    /// <exception cref="InvalidFormatException">A token is named that the vocabulary does not have.</exception>
    public static SpecialTokens Read(
        ISpecialTokenSource tokenizer, JsonFields? settings, JsonFields? map, JsonFields config, JsonFields? generation, int vocabularySize)
    {
        int? Named(string name) => Spelled(settings, name + "_token", tokenizer) ?? Spelled(map, name + "_token", tokenizer)
            ?? Ids(config, name + "_token_id", vocabularySize).Select(id => (int?)id).FirstOrDefault();
        var begin = Named("bos") ?? tokenizer.Begin;
        var end = Named("eos") ?? tokenizer.End;
        var stops = Ids(generation, "eos_token_id", vocabularySize).Concat(Ids(config, "eos_token_id", vocabularySize)).Where(id => id != end).ToList();
        var (templateBegins, templateEnds) = tokenizer.Surrounds(begin, end);
        return new()
        {
            Begin = begin,
            End = end ?? (stops.Count > 0 ? stops[0] : null),
            EndOfTurn = end is null || stops.Count == 0 ? null : stops[^1],
            Unknown = tokenizer.Unknown ?? Spelled(settings, "unk_token", tokenizer) ?? Spelled(map, "unk_token", tokenizer),
            Padding = Named("pad") ?? tokenizer.Padding,
            AddBegin = begin is not null && (settings?.FindBoolean("add_bos_token") ?? templateBegins),
            AddEnd = end is not null && (settings?.FindBoolean("add_eos_token") ?? templateEnds),
        };
    }

    /// <summary>The vocabulary with these tokens.</summary>
    public TokenizerVocabulary AddTo(TokenizerVocabulary vocabulary) => vocabulary with
    {
        BeginOfText = Begin,
        EndOfText = End,
        EndOfTurn = EndOfTurn,
        Unknown = Unknown,
        Padding = Padding,
        AddBeginOfText = AddBegin,
        AddEndOfText = AddEnd,
    };

    /// <summary>A token given by its spelling, alone or as the content of an object.</summary>
    private static int? Spelled(JsonFields? file, string name, ISpecialTokenSource tokenizer)
    {
        if (file?.Find(name) is not { } value)
        {
            return null;
        }

        var spelling = value.ValueKind == JsonValueKind.Object ? file.GetObject(name).GetString("content") : file.GetString(name);
        return spelling.Length == 0 ? null : tokenizer.Find(spelling) ?? throw file.Refused($"{name} is {Printable.Quote(spelling)}, which is no token");
    }

    /// <summary>Ids in a field that holds one or several.</summary>
    private static IEnumerable<int> Ids(JsonFields? file, string name, int vocabularySize)
    {
        if (file?.Find(name) is not { } value)
        {
            yield break;
        }

        foreach (var one in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
        {
            yield return one.ValueKind == JsonValueKind.Number && one.TryGetInt32(out var id) && id >= 0 && id < vocabularySize
                ? id
                : throw file.Wrong(name, one, $"an id of 0 … {vocabularySize - 1}");
        }
    }
}
