using System.Buffers;
using System.Text.Json;
using Rubato.Core;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>One request of a load test, made from seed and number alone.</summary>
internal sealed record LoadRequest(int Number, string Client, byte[] Body)
{
    public static LoadRequest Make(LoadOptions options, string model, int number)
    {
        var random = new Prng(options.Seed).Split("request").Split((ulong)number);
        var client = $"client-{number % options.Clients}";
        var prompt = PromptSource.Draw(random, options.SharedWords, options.PromptWordsMin, options.PromptWordsMax);
        return new LoadRequest(number, client, Serialize(options, model, client, prompt, random.NextInt32(int.MaxValue)));
    }

    private static byte[] Serialize(LoadOptions options, string model, string client, string prompt, int seed)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            WritePrompt(json, options, prompt);
            json.WriteNumber("max_tokens", options.OutputTokensMax);
            json.WriteNumber("seed", seed);
            json.WriteString("user", client);
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
            if (options.IgnoresEndOfText)
            {
                json.WriteBoolean("ignore_eos", true);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WritePrompt(Utf8JsonWriter json, LoadOptions options, string prompt)
    {
        if (options.UsesCompletions)
        {
            json.WriteString("prompt", prompt);
            return;
        }

        json.WriteStartArray("messages");
        json.WriteStartObject();
        json.WriteString("role", "user");
        json.WriteString("content", prompt);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
