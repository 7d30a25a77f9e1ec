using System.Text;
using Rubato.Core;

namespace Rubato.Hosting.Tests.Fuzzing;

/// <summary>Makes requests of named classes, each from a number.</summary>
internal static class RequestFuzzer
{
    /// <summary>The classes, and how many of 10,000 requests belong to each. More than half of all are valid JSON.</summary>
    public static readonly IReadOnlyList<(string Name, int Share, Func<Prng, FuzzedRequest> Make)> Classes =
    [
        ("valid", 1500, random => Json("valid", random, fields => fields)),
        ("mutated field", 2500, random => Json("mutated field", random, fields => Mutate(fields, random, JsonGenerator.Value(random)))),
        ("wrong type", 800, random => Json("wrong type", random, fields => Mutate(fields, random, random.Chance(1, 2) ? "{\"a\":[]}" : "[{}]"))),
        ("huge number", 800, random => Json("huge number", random, fields => Mutate(fields, random, JsonGenerator.HugeNumber(random)))),
        ("form of the answer", 400, FormOfAnswer),
        ("unknown field", 600, random => Json("unknown field", random, fields => [.. fields, ("x_" + random.NextInt32(99), JsonGenerator.Value(random))])),
        ("missing field", 300, random => Json("missing field", random, fields => Remove(fields, random))),
        ("over-long prompt", 300, OverlongPrompt),
        ("deep nesting", 300, DeepNesting),
        ("duplicate key", 300, DuplicateKey),
        ("malformed JSON", 1000, Malformed),
        ("invalid UTF-8", 400, InvalidUtf8),
        ("half a surrogate", 250, random => Raw("half a surrogate", random, "{\"model\":\"fake/model-1\",\"prompt\":\"x\\ud8" + random.NextInt32(10, 99) + "\"}", 400)),
        ("bad content type", 300, random => Valid("bad content type", random) with { ContentType = BadContentType(random), Expected = [415] }),
        ("bad host", 250, random => Valid("bad host", random) with { Host = $"h{random.NextInt32(999)}.example", Expected = [403] }),
        ("bad origin", 250, random => Valid("bad origin", random) with { Origin = BadOrigin(random), Expected = [403] }),
        ("route and method", 300, RouteAndMethod),
        ("other routes", 600, OtherRoutes),
        ("random bytes", 300, random => new("random bytes", PathOf(random), Bytes(random, random.NextInt32(300))) { Expected = [400] }),
    ];

    private static FuzzedRequest Json(string name, Prng random, Func<List<(string, string)>, List<(string, string)>> change)
    {
        var chat = random.Chance(1, 2);
        var fields = change(JsonGenerator.ValidFields(random, chat));
        return new(name, chat ? "/v1/chat/completions" : "/v1/completions", Encoding.UTF8.GetBytes(JsonGenerator.Object(fields)));
    }

    /// <summary>A schema or a function, with a random piece of its text changed for another value or keyword.</summary>
    private static FuzzedRequest FormOfAnswer(Prng random)
    {
        var schema = JsonGenerator.Schema(random);
        string[] pieces = ["\"type\"", "\"string\"", "\"enum\"", "\"minimum\"", "\"pattern\"", "\"items\"", "\"anyOf\"", "\"required\"", "\"a\"", "null", "1", "true", "4", "[", "{\"type\"", "\"^[a-c]{1,3}(x|y)?$\""];
        string[] others = ["\"allOf\"", "\"$ref\"", "\"#\"", "\"not\"", "\"const\"", "[]", "{}", "-1", "1e999", "\"(((\"", "\"(a*)*{9}\"", "\"oneOf\"", "\"format\"", "\"date\"", "\"maxItems\"", "[{\"$ref\":\"#\"},", JsonGenerator.Value(random)];
        for (var i = 1 + random.NextInt32(3); i > 0; i--)
        {
            schema = schema.Replace(pieces[random.NextInt32(pieces.Length)], others[random.NextInt32(others.Length)], StringComparison.Ordinal);
        }

        var field = random.Chance(1, 2)
            ? $"\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"x\",\"schema\":{schema}}}}}"
            : $"\"tools\":[{{\"type\":\"function\",\"function\":{{\"name\":\"f\",\"parameters\":{schema}}}}}],\"tool_choice\":\"{(random.Chance(1, 2) ? "auto" : "required")}\"";
        var body = $"{{\"model\":\"fake/model-1\",\"max_tokens\":4,\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}],{field}}}";
        return new("form of the answer", "/v1/chat/completions", Encoding.UTF8.GetBytes(body));
    }

    private static FuzzedRequest Valid(string name, Prng random) => Json(name, random, fields => fields);

    private static FuzzedRequest Raw(string name, Prng random, string body, params int[] expected) =>
        new(name, PathOf(random), Encoding.UTF8.GetBytes(body)) { Expected = expected };

    private static List<(string, string)> Mutate(List<(string Name, string Raw)> fields, Prng random, string value)
    {
        // One more mutation in a while, so that errors meet errors.
        for (var i = random.Chance(1, 4) ? 2 : 1; i > 0; i--)
        {
            var index = random.NextInt32(fields.Count);
            fields[index] = (fields[index].Name, value);
        }

        return fields;
    }

    private static List<(string, string)> Remove(List<(string Name, string Raw)> fields, Prng random)
    {
        fields.RemoveAt(random.NextInt32(fields.Count));
        return fields;
    }

    private static FuzzedRequest OverlongPrompt(Prng random)
    {
        var text = new string((char)('a' + random.NextInt32(26)), 130 + random.NextInt32(20_000));
        var chat = random.Chance(1, 2);
        var body = chat
            ? $$"""{"model":"fake/model-1","messages":[{"role":"user","content":"{{text}}"}]}"""
            : $$"""{"model":"fake/model-1","prompt":"{{text}}"}""";
        return new("over-long prompt", chat ? "/v1/chat/completions" : "/v1/completions", Encoding.UTF8.GetBytes(body)) { Expected = [400] };
    }

    private static FuzzedRequest DeepNesting(Prng random)
    {
        var depth = 40 + random.NextInt32(20_000);
        var (open, close) = random.Chance(1, 2) ? ("[", "]") : ("{\"a\":", "}");
        var inside = string.Concat(Enumerable.Repeat(open, depth)) + "1" + (random.Chance(1, 2) ? string.Concat(Enumerable.Repeat(close, depth)) : "");
        return Raw("deep nesting", random, $"{{\"model\":\"fake/model-1\",\"prompt\":{inside}}}", 400);
    }

    private static FuzzedRequest DuplicateKey(Prng random)
    {
        var request = Json("duplicate key", random, fields => [.. fields, fields[random.NextInt32(fields.Count)]]);
        return request with { Expected = [400] };
    }

    private static FuzzedRequest Malformed(Prng random)
    {
        var request = Valid("malformed JSON", random);
        var bytes = request.Body.ToList();
        for (var i = 1 + random.NextInt32(3); i > 0; i--)
        {
            var at = random.NextInt32(bytes.Count);
            switch (random.NextInt32(4))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.Add((byte)'{');
                    break;
                case 1:
                    bytes[at] = (byte)random.NextInt32(0x20, 0x7f);
                    break;
                case 2:
                    bytes.Insert(at, "{}[],:\"0e-."u8[random.NextInt32(11)]);
                    break;
                default:
                    bytes.RemoveAt(at);
                    bytes.Add((byte)' ');
                    break;
            }
        }

        return request with { Body = [.. bytes] };
    }

    private static FuzzedRequest InvalidUtf8(Prng random)
    {
        var request = Valid("invalid UTF-8", random);
        var bytes = request.Body.ToList();
        byte[][] bad = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82]];
        bytes.InsertRange(random.NextInt32(bytes.Count), bad[random.NextInt32(bad.Length)]);
        return request with { Body = [.. bytes], Expected = [400] };
    }

    /// <summary>Half-right bodies for the routes that generate nothing of their own kind: fields of all of them, some with values of the wrong type.</summary>
    private static FuzzedRequest OtherRoutes(Prng random)
    {
        string[] routes = ["/v1/embeddings", "/v1/responses", "/tokenize", "/detokenize", "/apply-template", "/models/load", "/models/unload"];
        (string Name, string Raw)[] fields =
        [
            ("input", random.Chance(1, 2) ? "\"the beat\"" : "[\"a\",[1,2]]"), ("content", "\"the beat\""), ("tokens", "[98,97,260]"), ("dimensions", "3"),
            ("messages", "[{\"role\":\"user\",\"content\":\"x\"}]"), ("encoding_format", "\"base64\""), ("max_output_tokens", "4"), ("stream", "false"),
            ("with_pieces", "true"), ("instructions", "\"be brief\""), ("metadata", "{}"), ("text", "{}"), ("tools", "[]"),
        ];
        var chosen = fields.Where(_ => random.Chance(1, 2)).Select(field => random.Chance(1, 6) ? (field.Name, JsonGenerator.Value(random)) : field);
        return new("other routes", routes[random.NextInt32(routes.Length)], Encoding.UTF8.GetBytes(JsonGenerator.Object([("model", "\"fake/model-1\""), .. chosen])));
    }

    private static FuzzedRequest RouteAndMethod(Prng random)
    {
        var method = new[] { "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "POST" }[random.NextInt32(6)];
        var path = "/" + new[] { "v1/completions/x", "v1/chat", "v1/models/no%2Fsuch", "v1/%41", "v1/..%2f..", "x" + random.NextInt32(999), "v1/audio/speech" }[random.NextInt32(7)];
        return Valid("route and method", random) with { Method = method, Path = path, Expected = [404, 405] };
    }

    private static string PathOf(Prng random) => random.Chance(1, 2) ? "/v1/chat/completions" : "/v1/completions";

    private static string BadContentType(Prng random) =>
        new[] { "", "text/plain", "application/xml", "application/json; charset=latin1", "application/x-www-form-urlencoded", "json", "application/json/x", ";;" }[random.NextInt32(8)];

    private static string BadOrigin(Prng random) =>
        new[] { "null", "https://evil.example", "http://localhost", "https://127.0.0.1:1", "x", "http://" + random.NextInt32(999) + ".example" }[random.NextInt32(6)];

    private static byte[] Bytes(Prng random, int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.NextInt32(256))];
}
