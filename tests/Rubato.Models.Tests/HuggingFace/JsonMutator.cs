using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rubato.Core;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>Makes JSON wrong in the ways that broken and hostile files are: other values, lost and doubled fields, broken bytes.</summary>
internal static class JsonMutator
{
    private static readonly string[] Values =
    [
        "null", "true", "-1", "0", "1", "2", "3", "65", "4294967296", "9223372036854775807", "1e308", "1e-40", "0.5", "\"\"", "\"a\"", "\"a b\"", "\"Ġ\"", "\"\\ud83d\\ude42\"", "[]", "{}", "[0]", "[[]]", "[\"a\",\"b\"]",
        "\"BPE\"", "\"ByteLevel\"", "\"Metaspace\"", "\"Sequence\"", "\"LlamaForCausalLM\"", "\"linear\"", "\"F64\"", "\"I8\"", "[9223372036854775807,2]", "{\"type\":\"Sequence\",\"normalizers\":[]}", "{\"content\":\"<s>\"}",
    ];

    public static byte[] Mutate(JsonObject json, Prng random)
    {
        var copy = json.DeepClone();
        for (var i = random.NextInt32(1, 4); i > 0; i--)
        {
            MutateNode(copy, random);
        }

        var bytes = Encoding.UTF8.GetBytes(copy.ToJsonString());
        if (random.Chance(1, 4))
        {
            bytes = Break(bytes, random);
        }

        return bytes;
    }

    private static void MutateNode(JsonNode node, Prng random)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                var name = map.ElementAt(random.NextInt32(map.Count)).Key;
                if (map[name] is (JsonObject or JsonArray) and var inner && random.Chance(3, 4))
                {
                    MutateNode(inner, random);
                }
                else
                {
                    Change(map, name, random);
                }

                break;
            case JsonArray { Count: > 0 } list:
                var at = random.NextInt32(list.Count);
                if (list[at] is (JsonObject or JsonArray) and var item && random.Chance(3, 4))
                {
                    MutateNode(item, random);
                }
                else
                {
                    Change(list, at, random);
                }

                break;
        }
    }

    private static void Change(JsonObject map, string name, Prng random)
    {
        switch (random.NextInt32(4))
        {
            case 0:
                map.Remove(name);
                break;
            case 1:
                map[map.ElementAt(random.NextInt32(map.Count)).Key] = map[name]?.DeepClone();
                break;
            case 2 when map[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number:
                map[name] = random.NextInt32(-3, 600);
                break;
            default:
                map[name] = JsonNode.Parse(Values[random.NextInt32(Values.Length)]);
                break;
        }
    }

    private static void Change(JsonArray list, int at, Prng random)
    {
        switch (random.NextInt32(4))
        {
            case 0:
                list.RemoveAt(at);
                break;
            case 1:
                list.Insert(random.NextInt32(list.Count + 1), list[at]?.DeepClone());
                break;
            case 2:
                list[at] = list[random.NextInt32(list.Count)]?.DeepClone();
                break;
            default:
                list[at] = JsonNode.Parse(Values[random.NextInt32(Values.Length)]);
                break;
        }
    }

    private static byte[] Break(byte[] bytes, Prng random)
    {
        var at = random.NextInt32(bytes.Length);
        switch (random.NextInt32(3))
        {
            case 0:
                return bytes[..at];
            case 1:
                bytes[at] = (byte)random.NextInt32(256);
                return bytes;
            default:
                return [.. bytes[..at], .. bytes.AsSpan(random.NextInt32(bytes.Length))];
        }
    }
}
