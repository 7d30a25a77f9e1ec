using System.Collections;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rubato.Core;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Serving;

namespace Rubato.Hosting.Chat;

/// <summary>
/// How tokens are drawn, from chat options. What <see cref="ChatOptions"/> has no property for are additional properties with the names
/// of the HTTP API: <c>min_p</c>, <c>typical_p</c>, <c>repetition_penalty</c>, <c>logit_bias</c> (a dictionary from token id to number).
/// </summary>
internal static class ChatSampling
{
    private static readonly string[] Names = ["min_p", "typical_p", "repetition_penalty", "repeat_penalty", "logit_bias", "priority"];

    /// <exception cref="InvalidOptionException">An option is out of range.</exception>
    public static SamplingParameters Read(ChatOptions? options, ulong seed)
    {
        using var additional = JsonDocument.Parse(Additional(options));
        try
        {
            return SamplingFields.Read(new JsonFields(additional.RootElement)) with
            {
                Temperature = Range(nameof(ChatOptions.Temperature), options?.Temperature, 0, 2) ?? 1,
                TopP = Range(nameof(ChatOptions.TopP), options?.TopP, double.Epsilon, 1) ?? 1,
                TopK = (int)(Range(nameof(ChatOptions.TopK), options?.TopK, 0, int.MaxValue) ?? 0),
                PresencePenalty = Range(nameof(ChatOptions.PresencePenalty), options?.PresencePenalty, -2, 2) ?? 0,
                FrequencyPenalty = Range(nameof(ChatOptions.FrequencyPenalty), options?.FrequencyPenalty, -2, 2) ?? 0,
                Seed = seed,
            };
        }
        catch (OpenAiException refusal)
        {
            throw new InvalidOptionException(refusal.Message);
        }
    }

    /// <summary>How urgent the request is: lower is served earlier.</summary>
    /// <exception cref="OpenAiException">It is no integer, or out of range.</exception>
    public static int Priority(ChatOptions? options)
    {
        using var additional = JsonDocument.Parse(Additional(options));
        return Urgency.Read(new JsonFields(additional.RootElement)).Priority;
    }

    /// <summary>A value in its range; null stays null.</summary>
    public static double? Range(string name, double? value, double min, double max) => value is not { } given || (given >= min && given <= max)
        ? value
        : throw new InvalidOptionException(string.Create(
            CultureInfo.InvariantCulture, $"{name} is {given}, outside {min}…{max}: set it to a value in that range."));

    /// <summary>The additional properties that are ours as a JSON object: one reader, and one set of rules, for both ways in.</summary>
    private static byte[] Additional(ChatOptions? options)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var name in Names)
            {
                if (options?.AdditionalProperties?.TryGetValue(name, out var value) == true && value is not null)
                {
                    json.WritePropertyName(name);
                    Write(json, name, value);
                }
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case JsonElement element:
                element.WriteTo(json);
                break;
            case double or float or decimal or int or long or short or byte:
                WriteNumber(json, name, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case IDictionary entries:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in entries)
                {
                    json.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "");
                    Write(json, name, entry.Value ?? "null");
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (!double.IsFinite(value))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}: set it to a finite number."));
        }

        json.WriteNumberValue(value);
    }
}
