using System.Globalization;
using System.Text;
using Rubato.Core;

namespace Rubato.Hosting.Tests.Fuzzing;

/// <summary>Random JSON: valid requests, and values to put where they do not belong.</summary>
internal static class JsonGenerator
{
    private static readonly string[] HugeNumbers =
    [
        "1e999", "-1e999", "1e-999", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "2147483648", "-2147483649",
        "1" + new string('0', 400), "0." + new string('0', 400) + "1", "1e2147483648", "-0", "4294967296", "1.7976931348623159e308", "0e99999",
    ];

    /// <summary>The fields of a valid request, as names and raw values.</summary>
    public static List<(string Name, string Raw)> ValidFields(Prng random, bool chat)
    {
        var fields = new List<(string, string)> { ("model", "\"fake/model-1\"") };
        fields.Add(chat ? ("messages", Messages(random)) : ("prompt", Prompt(random)));
        fields.Add((chat && random.Chance(1, 2) ? "max_completion_tokens" : "max_tokens", Integer(random, 1, 12)));
        (string, string)[] optional =
        [
            ("temperature", Number(random, 2)), ("top_p", Number(random, 0.9, 0.1)), ("top_k", Integer(random, -1, 50)), ("seed", Integer(random, -5, 1000)),
            ("n", Integer(random, 1, 4)), ("stop", random.Chance(1, 2) ? "\" the\"" : "[\"x\",\" bar\"]"), ("user", "\"someone\""),
            chat ? ("logprobs", random.Chance(1, 2) ? "true" : "false") : ("logprobs", Integer(random, 0, 5)),
            ("presence_penalty", Number(random, 2)), ("frequency_penalty", Number(random, 4, -2)), ("min_p", Number(random, 1)),
            ("typical_p", Number(random, 0.9, 0.1)), ("repetition_penalty", Number(random, 1, 1)), ("logit_bias", "{\"7\":-100,\"9\":2.5}"), ("echo", "false"), ("response_format", chat ? ResponseFormat(random) : "{\"type\":\"text\"}"), (chat ? "tools" : "user_2", Tools(random)), ("store", "true"), ("stream", "null"),
        ];
        fields.AddRange(optional.Where(_ => random.Chance(1, 3)));
        if (random.Chance(1, 4))
        {
            fields.RemoveAll(field => field.Item1 == "stream");
            fields.Add(("stream", "true"));
            fields.Add(("stream_options", "{\"include_usage\":true}"));
        }

        return fields;
    }

    public static string Object(IEnumerable<(string Name, string Raw)> fields) =>
        "{" + string.Join(",", fields.Select(field => $"{Text(field.Name)}:{field.Raw}")) + "}";

    public static string HugeNumber(Prng random) => HugeNumbers[random.NextInt32(HugeNumbers.Length)];

    /// <summary>Any JSON value of any type.</summary>
    public static string Value(Prng random, int depth = 0) => random.NextInt32(depth > 3 ? 6 : 8) switch
    {
        0 => "null",
        1 => random.Chance(1, 2) ? "true" : "false",
        2 => Integer(random, -100, 100),
        3 => HugeNumber(random),
        4 => Text(AnyText(random)),
        5 => Number(random, 1000, -500),
        6 => "[" + string.Join(",", Enumerable.Range(0, random.NextInt32(4)).Select(_ => Value(random, depth + 1))) + "]",
        _ => "{" + string.Join(",", Enumerable.Range(0, random.NextInt32(4)).Select(i => $"{Text(AnyText(random) + i)}:{Value(random, depth + 1)}")) + "}",
    };

    public static string AnyText(Prng random)
    {
        var text = new StringBuilder();
        for (var i = random.NextInt32(12); i > 0; i--)
        {
            text.Append(random.NextInt32(6) switch
            {
                0 => char.ConvertFromUtf32(0x1F300 + random.NextInt32(200)),
                1 => "\"\\\n\t"[random.NextInt32(4)].ToString(),
                2 => ((char)random.NextInt32(0x20)).ToString(),
                3 => "<|/turn|>",
                _ => ((char)('a' + random.NextInt32(26))).ToString(),
            });
        }

        return text.ToString();
    }

    /// <summary>A schema of what is supported.</summary>
    public static string Schema(Prng random, int depth = 0) => random.NextInt32(depth > 2 ? 5 : 8) switch
    {
        0 => "{\"type\":\"string\",\"maxLength\":4}",
        1 => "{\"type\":\"integer\",\"minimum\":-3,\"maximum\":500}",
        2 => "{\"enum\":[\"a\",1,null]}",
        3 => "{\"type\":\"string\",\"pattern\":\"^[a-c]{1,3}(x|y)?$\"}",
        4 => "{\"type\":[\"boolean\",\"null\"]}",
        5 => $"{{\"type\":\"array\",\"items\":{Schema(random, depth + 1)},\"minItems\":1,\"maxItems\":2}}",
        6 => $"{{\"anyOf\":[{Schema(random, depth + 1)},{Schema(random, depth + 1)}]}}",
        _ => $"{{\"type\":\"object\",\"properties\":{{\"a\":{Schema(random, depth + 1)},\"b\":{Schema(random, depth + 1)}}},\"required\":[\"a\"],\"additionalProperties\":false}}",
    };

    private static string ResponseFormat(Prng random) => random.NextInt32(3) switch
    {
        0 => "{\"type\":\"text\"}",
        1 => "{\"type\":\"json_object\"}",
        _ => $"{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"x\",\"schema\":{Schema(random)}}}}}",
    };

    private static string Tools(Prng random) => "[" + string.Join(",", Enumerable.Range(0, 1 + random.NextInt32(2)).Select(i =>
        $"{{\"type\":\"function\",\"function\":{{\"name\":\"f{i}\",\"parameters\":{{\"type\":\"object\",\"properties\":{{\"a\":{Schema(random)}}}}}}}}}")) + "]";

    private static string Messages(Prng random) => "[" + string.Join(",", Enumerable.Range(0, 1 + random.NextInt32(3)).Select(_ => Message(random))) + "]";

    private static string Message(Prng random)
    {
        var role = new[] { "system", "user", "assistant", "developer" }[random.NextInt32(4)];
        var content = random.Chance(1, 3) ? $"[{{\"type\":\"text\",\"text\":{Text(AnyText(random))}}}]" : Text(AnyText(random));
        return $"{{\"role\":\"{role}\",\"content\":{content}}}";
    }

    private static string Prompt(Prng random) => random.NextInt32(4) switch
    {
        0 => Text(AnyText(random)),
        1 => $"[{Text(AnyText(random))},{Text(AnyText(random))}]",
        2 => "[1,2,3]",
        _ => "[[1,2],[3]]",
    };

    private static string Integer(Prng random, int low, int high) => random.NextInt32(low, high + 1).ToString(CultureInfo.InvariantCulture);

    private static string Number(Prng random, double span, double low = 0) =>
        (low + random.NextDouble() * span).ToString("R", CultureInfo.InvariantCulture);

    private static string Text(string text) => "\"" + System.Text.Json.JsonEncodedText.Encode(text) + "\"";
}
