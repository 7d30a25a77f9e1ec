using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Gguf;

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

    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="settings">tokenizer_config.json, or null.</param>
    /// <param name="map">special_tokens_map.json, or null.</param>
    /// <param name="config">config.json.</param>
    /// <param name="generation">generation_config.json, or null.</param>
    /// <param name="vocabularySize">Number of ids.</param>
    /// <exception cref="InvalidFormatException">A token is named that the vocabulary does not have.</exception>
    public static SpecialTokens Read(
        TokenizerJson tokenizer, JsonFields? settings, JsonFields? map, JsonFields config, JsonFields? generation, int vocabularySize)
    {
        int? Named(string name) => Spelled(settings, name + "_token", tokenizer) ?? Spelled(map, name + "_token", tokenizer)
            ?? Ids(config, name + "_token_id", vocabularySize).Select(id => (int?)id).FirstOrDefault();
        var begin = Named("bos");
        var end = Named("eos");
        var stops = Ids(generation, "eos_token_id", vocabularySize).Concat(Ids(config, "eos_token_id", vocabularySize)).Where(id => id != end).ToList();
        var (templateBegins, templateEnds) = Template(tokenizer, begin, end);
        return new()
        {
            Begin = begin,
            End = end ?? (stops.Count > 0 ? stops[0] : null),
            EndOfTurn = end is null || stops.Count == 0 ? null : stops[^1],
            Unknown = Unknowns(tokenizer, settings, map),
            Padding = Named("pad"),
            AddBegin = begin is not null && (settings?.FindBoolean("add_bos_token") ?? templateBegins),
            AddEnd = end is not null && (settings?.FindBoolean("add_eos_token") ?? templateEnds),
        };
    }

    private static int? Unknowns(TokenizerJson tokenizer, JsonFields? settings, JsonFields? map) =>
        Spelled(tokenizer.Model, "unk_token", tokenizer) ?? Spelled(settings, "unk_token", tokenizer) ?? Spelled(map, "unk_token", tokenizer);

    /// <summary>A token given by its spelling, alone or as the content of an object.</summary>
    private static int? Spelled(JsonFields? file, string name, TokenizerJson tokenizer)
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

    /// <summary>Whether the post-processor puts the tokens around a single text.</summary>
    private static (bool Begins, bool Ends) Template(TokenizerJson tokenizer, int? begin, int? end)
    {
        if (tokenizer.Fields.FindObject("post_processor") is not { } processor)
        {
            return (false, false);
        }

        foreach (var one in processor.FindString("type") == "Sequence" ? processor.Objects("processors") : [processor])
        {
            if (one.FindString("type") == "TemplateProcessing")
            {
                var ids = one.Objects("single").Select(item => item.FindObject("SpecialToken")?.FindString("id") is { } spelling ? tokenizer.Find(spelling) : null).ToList();
                return (ids.Count > 1 && begin is not null && ids[0] == begin, ids.Count > 1 && end is not null && ids[^1] == end);
            }
        }

        return (false, false);
    }
}
