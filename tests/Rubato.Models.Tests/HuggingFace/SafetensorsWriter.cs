using System.Text;
using System.Text.Json.Nodes;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>Writes safetensors files, from the format's description alone.</summary>
internal static class SafetensorsWriter
{
    public static byte[] Write(IEnumerable<TestTensor> tensors, string type = "F32")
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var data = new MemoryStream();
        foreach (var tensor in tensors)
        {
            var begin = data.Length;
            foreach (var value in tensor.Values)
            {
                data.Write(Encode(value, type));
            }

            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(dimension => (JsonNode)dimension)]),
                ["data_offsets"] = new JsonArray(begin, data.Length),
            };
        }

        return Join(header.ToJsonString(), data.ToArray());
    }

    /// <summary>Header, padded with blanks to eight bytes as usual, and data.</summary>
    public static byte[] Join(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        return [.. BitConverter.GetBytes((ulong)padded), .. json, .. Enumerable.Repeat((byte)' ', padded - json.Length), .. data];
    }

    private static byte[] Encode(float value, string type) => type switch
    {
        "F32" => BitConverter.GetBytes(value),
        "F16" => BitConverter.GetBytes((Half)value),
        "BF16" => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
        "F64" => BitConverter.GetBytes((double)value),
        _ => throw new ArgumentException(type),
    };
}

/// <summary>A tensor of a checkpoint under test.</summary>
internal sealed record TestTensor(string Name, long[] Shape, float[] Values);
