using Rubato.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Llama;

/// <summary>One transformer block: attention with grouped keys and values, then a SwiGLU layer, both behind an RMSNorm.</summary>
/// <remarks>Query, key and value projections are one matrix, and so are gate and up: fewer, larger products.</remarks>
internal sealed class LlamaBlock : nn.Module<Tensor, Tensor>
{
    private readonly ModelConfiguration _configuration;
    private readonly RotaryEmbedding _rotary;
    private readonly RootMeanSquareNorm _norm;
    private readonly MatrixProduct _product;
    private readonly Parameter _attentionNorm;
    private readonly Parameter _queryKeyValue;
    private readonly Parameter _attentionOutput;
    private readonly Parameter _feedForwardNorm;
    private readonly Parameter _gateUp;
    private readonly Parameter _down;

    public LlamaBlock(ModelConfiguration configuration, int index, FlatParameters parameters, RotaryEmbedding rotary, RootMeanSquareNorm norm, MatrixProduct product)
        : base($"blk.{index}")
    {
        _configuration = configuration;
        _product = product;
        _rotary = rotary;
        _norm = norm;
        _attentionNorm = Register("attn_norm");
        _queryKeyValue = Register("attn_qkv");
        _attentionOutput = Register("attn_output");
        _feedForwardNorm = Register("ffn_norm");
        _gateUp = Register("ffn_gate_up");
        _down = Register("ffn_down");

        Parameter Register(string name)
        {
            var parameter = parameters[$"blk.{index}.{name}"];
            register_parameter(name, parameter);
            return parameter;
        }
    }

    /// <summary>The shapes of block <paramref name="index"/>'s parameters, rows (outputs) first.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Shapes(ModelConfiguration c, int index)
    {
        var width = (long)c.EmbeddingLength;
        yield return ($"blk.{index}.attn_norm", [width]);
        yield return ($"blk.{index}.attn_qkv", [c.QueryLength + 2L * c.KeyValueLength, width]);
        yield return ($"blk.{index}.attn_output", [width, c.QueryLength]);
        yield return ($"blk.{index}.ffn_norm", [width]);
        yield return ($"blk.{index}.ffn_gate_up", [2L * c.FeedForwardLength, width]);
        yield return ($"blk.{index}.ffn_down", [width, c.FeedForwardLength]);
    }

    /// <summary>Maps hidden states to hidden states, shape [batch, sequence, width].</summary>
    public override Tensor forward(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var attended = hidden.add(Attention(_norm.Apply(hidden, _attentionNorm)), Scalars.One);
        var result = attended.add(FeedForward(_norm.Apply(attended, _feedForwardNorm)), Scalars.One);
        return result.MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor hidden)
    {
        var (batch, sequence) = (hidden.shape[0], hidden.shape[1]);
        var (heads, keyValueHeads, size) = (_configuration.HeadCount, _configuration.KeyValueHeadCount, _configuration.HeadLength);
        var projected = _product.Apply(hidden, _queryKeyValue).view(batch, sequence, heads + 2 * keyValueHeads, size);
        var turned = _rotary.Apply(projected.narrow(2, 0, heads + keyValueHeads).to(ScalarType.Float32)).to(projected.dtype);
        var queries = turned.narrow(2, 0, heads).transpose(1, 2);
        var keys = PerQueryHead(turned.narrow(2, heads, keyValueHeads));
        var values = PerQueryHead(projected.narrow(2, heads + keyValueHeads, keyValueHeads));
        var mixed = F.scaled_dot_product_attention(queries, keys, values, is_casual: true);
        return _product.Apply(mixed.transpose(1, 2).reshape(batch, sequence, heads * size), _attentionOutput);
    }

    /// <summary>Repeats each key or value head for the query heads of its group; shape [batch, heads, sequence, head size].</summary>
    private Tensor PerQueryHead(Tensor heads)
    {
        var group = _configuration.HeadCount / _configuration.KeyValueHeadCount;
        return (group == 1 ? heads : heads.unsqueeze(3).expand(-1, -1, -1, group, -1).flatten(2, 3)).transpose(1, 2);
    }

    private Tensor FeedForward(Tensor hidden)
    {
        var both = _product.Apply(hidden, _gateUp);
        var gate = F.silu(both.narrow(-1, 0, _configuration.FeedForwardLength));
        return _product.Apply(gate * both.narrow(-1, _configuration.FeedForwardLength, _configuration.FeedForwardLength), _down);
    }
}
