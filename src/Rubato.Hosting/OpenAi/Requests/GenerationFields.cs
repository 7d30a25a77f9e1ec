using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Core;
using Rubato.Hosting.Http;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The fields that completions and chat completions share.</summary>
internal sealed record GenerationFields
{
    private const int StopTextsMax = 4;
    private const int StopTextLengthMax = 512;
    private const int CacheKeyLengthMax = 64;
    private const int CacheSaltLengthMax = 256;

    public required string Model { get; init; }

    public required int Choices { get; init; }

    public required bool Streams { get; init; }

    public required bool IncludesUsage { get; init; }

    /// <summary>How tokens are drawn, without seed and log-probabilities.</summary>
    public required SamplingParameters Drawing { get; init; }

    /// <summary>Null draws a seed.</summary>
    public required long? Seed { get; init; }

    public required ImmutableArray<string> StopTexts { get; init; }

    public required string? User { get; init; }

    public required Urgency Urgency { get; init; }

    public required bool IgnoresEndOfText { get; init; }

    /// <summary>Only requests of one salt share what is computed for their prompts.</summary>
    public required string CacheSalt { get; init; }

    public static GenerationFields Read(JsonFields fields, ServingLimits limits, RequestForms forms)
    {
        UnsupportedFields.Refuse(fields, forms);
        CheckCacheKey(fields);
        var streams = fields.OptionalBoolean("stream");
        return new GenerationFields
        {
            Model = JsonFields.Text(fields.Required("model"), "model"),
            Choices = (int)(fields.OptionalInteger("n", 1, limits.ChoicesMax) ?? 1),
            Streams = streams,
            IncludesUsage = ReadStreamOptions(fields, streams),
            Drawing = SamplingFields.Read(fields),
            Seed = fields.OptionalInteger("seed", long.MinValue, long.MaxValue),
            StopTexts = ReadStop(fields),
            User = UserName.Read(fields),
            Urgency = Urgency.Read(fields),
            IgnoresEndOfText = fields.OptionalBoolean("ignore_eos"),
            CacheSalt = ReadBounded(fields, "cache_salt", CacheSaltLengthMax) ?? "",
        };
    }

    /// <summary>How choice <paramref name="index"/> is drawn: choice 0 uses the seed itself, the others seeds made from it.</summary>
    public SamplingParameters Sampling(int index, ulong seed, int? logProbabilityCount) => Drawing with
    {
        Seed = index == 0 ? seed : Prng.Mix(seed, (ulong)index),
        LogProbabilityCount = logProbabilityCount,
    };

    private static bool ReadStreamOptions(JsonFields fields, bool streams)
    {
        if (fields.Optional("stream_options") is not { } options)
        {
            return false;
        }

        if (options.ValueKind != JsonValueKind.Object)
        {
            throw JsonFields.WrongType("stream_options", "an object", options);
        }

        return streams
            ? new JsonFields(options, "stream_options").OptionalBoolean("include_usage")
            : throw new OpenAiException(OpenAiError.BadRequest("'stream_options' is for streams only; set 'stream' to true.", "stream_options", "invalid_value"));
    }

    private static ImmutableArray<string> ReadStop(JsonFields fields)
    {
        if (fields.Optional("stop") is not { } stop)
        {
            return [];
        }

        if (stop.ValueKind == JsonValueKind.String)
        {
            return [StopText(stop, "stop")];
        }

        if (stop.ValueKind == JsonValueKind.Array && stop.GetArrayLength() == 0)
        {
            return [];
        }

        return [.. JsonFields.Array(stop, "stop", StopTextsMax).EnumerateArray().Select((text, i) => StopText(text, $"stop[{i}]"))];
    }

    private static string StopText(JsonElement value, string path)
    {
        var text = JsonFields.Text(value, path);
        return text.Length is >= 1 and <= StopTextLengthMax
            ? text
            : throw new OpenAiException(OpenAiError.BadRequest($"'{path}' must have 1 to {StopTextLengthMax} characters.", path, "invalid_value"));
    }

    /// <summary>A hint for servers that spread requests over machines; here prefixes are found by their tokens.</summary>
    private static void CheckCacheKey(JsonFields fields)
    {
        if (fields.OptionalString("prompt_cache_key") is { Length: < 1 or > CacheKeyLengthMax })
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                $"'prompt_cache_key' must have 1 to {CacheKeyLengthMax} characters.", "prompt_cache_key", "invalid_value"));
        }
    }

    private static string? ReadBounded(JsonFields fields, string name, int lengthMax)
    {
        var text = fields.OptionalString(name);
        return text is null || text.Length <= lengthMax
            ? text
            : throw new OpenAiException(OpenAiError.BadRequest($"'{name}' must have at most {lengthMax} characters.", name, "invalid_value"));
    }
}
