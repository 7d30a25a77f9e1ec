using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>The JSON document of a load test.</summary>
public static class LoadResultJson
{
    /// <summary>
    /// <c>{"requests","errors","throughputTokensPerSecond","ttft":{"p50","p95","p99"},"tbt":{…},"perClient":[…],"seed","settings":{…}}</c>;
    /// latencies in seconds.
    /// </summary>
    public static string Serialize(LoadResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteCounts(json, result.Requests, result.Errors, result.ThroughputTokensPerSecond, result.Ttft, result.Tbt);
            json.WriteStartArray("perClient");
            foreach (var client in result.PerClient)
            {
                json.WriteStartObject();
                json.WriteString("client", client.Client);
                WriteCounts(json, client.Requests, client.Errors, client.ThroughputTokensPerSecond, client.Ttft, client.Tbt);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("seed", result.Settings.Seed);
            WriteSettings(json, result);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteCounts(
        Utf8JsonWriter json, long requests, long errors, double throughput, LatencyPercentiles ttft, LatencyPercentiles tbt)
    {
        json.WriteNumber("requests", requests);
        json.WriteNumber("errors", errors);
        json.WriteNumber("throughputTokensPerSecond", throughput);
        WritePercentiles(json, "ttft", ttft);
        WritePercentiles(json, "tbt", tbt);
    }

    private static void WritePercentiles(Utf8JsonWriter json, string name, LatencyPercentiles percentiles)
    {
        json.WriteStartObject(name);
        WriteNumber(json, "p50", percentiles.P50);
        WriteNumber(json, "p95", percentiles.P95);
        WriteNumber(json, "p99", percentiles.P99);
        json.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter json, LoadResult result)
    {
        var settings = result.Settings;
        json.WriteStartObject("settings");
        json.WriteString("url", settings.Url);
        json.WriteString("model", result.Model);
        json.WriteString("latencyUnit", "s");
        json.WriteString("loop", settings.RatePerSecond is null ? "closed" : "open");
        WriteNumber(json, "ratePerSecond", settings.RatePerSecond);
        json.WriteNumber("clients", settings.Clients);
        json.WriteNumber("sharedWords", settings.SharedWords);
        json.WriteNumber("promptWordsMin", settings.PromptWordsMin);
        json.WriteNumber("promptWordsMax", settings.PromptWordsMax);
        json.WriteNumber("outputTokensMax", settings.OutputTokensMax);
        json.WriteBoolean("ignoresEndOfText", settings.IgnoresEndOfText);
        json.WriteNumber("seconds", result.Seconds);
        json.WriteNumber("promptTokens", result.PromptTokens);
        json.WriteNumber("cachedPromptTokens", result.CachedPromptTokens);
        json.WriteStartArray("errorMessages");
        foreach (var error in result.ErrorMessages)
        {
            json.WriteStartObject();
            json.WriteString("message", error.Message);
            json.WriteNumber("count", error.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
