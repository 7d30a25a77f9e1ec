using Rubato.Core;
using Rubato.Models;
using Rubato.Models.Gguf;
using static TorchSharp.torch;

namespace Rubato.Torch.Llama;

/// <summary>Which part of the flat parameters each tensor of a GGUF file is; parts of fused projections are ranges too.</summary>
internal static class GgufWeights
{
    /// <summary>Declares all tensors of <paramref name="model"/>: matrices in <paramref name="type"/>, vectors in F32.</summary>
    public static void AddTensors(LlamaModule model, GgufWriter writer, GgmlType type)
    {
        var values = model.Parameters.Values.data<float>().ToArray();
        foreach (var (tensor, start) in Ranges(model))
        {
            var rowType = tensor.Dimensions.Length == 1 ? GgmlType.F32
                : tensor.Dimensions[0] % type.BlockSize() == 0 ? type
                : throw new InvalidOptionException(
                    $"--type {type}: rows of {tensor.Dimensions[0]} values ({tensor.Name}) are not a multiple of {type.BlockSize()}; "
                    + "choose other sizes or F16.");
            writer.AddTensor(tensor.Name, tensor.Dimensions, rowType, values.AsMemory((int)start, (int)tensor.ElementCount));
        }
    }

    /// <summary>Fills the parameters of <paramref name="model"/> from <paramref name="file"/>, which has its configuration.</summary>
    public static void Load(LlamaModule model, GgufFile file)
    {
        var values = new float[model.Parameters.Count];
        foreach (var (tensor, start) in Ranges(model))
        {
            var stored = file.GetTensor(tensor.Name);
            var rowLength = (int)stored.RowLength;
            for (var row = 0; row < stored.RowCount; row++)
            {
                file.ReadRow(stored, row, values.AsSpan((int)start + row * rowLength, rowLength));
            }
        }

        using var unrecorded = no_grad();
        using var source = tensor(values);
        model.Parameters.Values.copy_(source);
    }

    private static IEnumerable<(ModelTensor Tensor, long Start)> Ranges(LlamaModule model)
    {
        var places = model.Parameters.Layout.ToDictionary(place => place.Name, place => place.Start, StringComparer.Ordinal);
        foreach (var tensor in model.Configuration.Tensors())
        {
            var (fused, offset) = Fused(tensor.Name.Replace(".weight", "", StringComparison.Ordinal), model.Configuration);
            yield return (tensor, places[fused] + offset);
        }
    }

    private static (string Parameter, long Offset) Fused(string name, ModelConfiguration c)
    {
        (string Part, string Whole, long Row)[] parts =
        [
            ("attn_q", "attn_qkv", 0), ("attn_k", "attn_qkv", c.QueryLength), ("attn_v", "attn_qkv", c.QueryLength + c.KeyValueLength),
            ("ffn_gate", "ffn_gate_up", 0), ("ffn_up", "ffn_gate_up", c.FeedForwardLength),
        ];
        var found = parts.FirstOrDefault(part => name.EndsWith("." + part.Part, StringComparison.Ordinal));
        return found.Whole is null ? (name, 0) : (name[..^found.Part.Length] + found.Whole, found.Row * c.EmbeddingLength);
    }
}
