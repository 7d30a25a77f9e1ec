namespace Rubato.Models;

/// <summary>What GGUF files call the tensors of a model. Block numbers start at 0.</summary>
public static class TensorNames
{
    /// <summary>Token embeddings, [embedding, vocabulary]; also the output head when the head is tied.</summary>
    public const string TokenEmbedding = "token_embd.weight";

    /// <summary>Scale of the last RMS norm, [embedding].</summary>
    public const string OutputNorm = "output_norm.weight";

    /// <summary>Output head, [embedding, vocabulary]; absent when tied.</summary>
    public const string Output = "output.weight";

    /// <summary>Divisors of the rotary frequencies, [rotary dimensions / 2].</summary>
    public const string RopeFrequencies = "rope_freqs.weight";

    /// <summary>The same for contexts longer than the original one.</summary>
    public const string RopeFactorsLong = "rope_factors_long.weight";

    /// <summary>The same for contexts up to the original one.</summary>
    public const string RopeFactorsShort = "rope_factors_short.weight";

    /// <summary>Scale of the RMS norm before attention, [embedding].</summary>
    public static string AttentionNorm(int block) => $"blk.{block}.attn_norm.weight";

    /// <summary>Query projection, [embedding, heads × head length].</summary>
    public static string AttentionQuery(int block) => $"blk.{block}.attn_q.weight";

    /// <summary>Key projection, [embedding, key-value heads × head length].</summary>
    public static string AttentionKey(int block) => $"blk.{block}.attn_k.weight";

    /// <summary>Value projection, [embedding, key-value heads × head length].</summary>
    public static string AttentionValue(int block) => $"blk.{block}.attn_v.weight";

    /// <summary>Projection of the attention's result, [heads × head length, embedding].</summary>
    public static string AttentionOutput(int block) => $"blk.{block}.attn_output.weight";

    /// <summary>Scale of the RMS norm before the feed-forward layer, [embedding].</summary>
    public static string FeedForwardNorm(int block) => $"blk.{block}.ffn_norm.weight";

    /// <summary>Gate projection of SwiGLU, [embedding, feed-forward].</summary>
    public static string FeedForwardGate(int block) => $"blk.{block}.ffn_gate.weight";

    /// <summary>Up projection of SwiGLU, [embedding, feed-forward].</summary>
    public static string FeedForwardUp(int block) => $"blk.{block}.ffn_up.weight";

    /// <summary>Down projection of SwiGLU, [feed-forward, embedding].</summary>
    public static string FeedForwardDown(int block) => $"blk.{block}.ffn_down.weight";

    /// <summary>Query, key and value projection in one, [embedding, (heads + 2 × key-value heads) × head length].</summary>
    public static string AttentionQueryKeyValue(int block) => $"blk.{block}.attn_qkv.weight";

    /// <summary>Biases of the projection in one.</summary>
    public static string AttentionQueryKeyValueBias(int block) => $"blk.{block}.attn_qkv.bias";

    /// <summary>Biases of the queries, [heads × head length].</summary>
    public static string AttentionQueryBias(int block) => $"blk.{block}.attn_q.bias";

    /// <summary>Biases of the keys, [key-value heads × head length].</summary>
    public static string AttentionKeyBias(int block) => $"blk.{block}.attn_k.bias";

    /// <summary>Biases of the values, [key-value heads × head length].</summary>
    public static string AttentionValueBias(int block) => $"blk.{block}.attn_v.bias";

    /// <summary>Biases of the projection of the attention's result, [embedding].</summary>
    public static string AttentionOutputBias(int block) => $"blk.{block}.attn_output.bias";

    /// <summary>Scale of the RMS norm of each query head, [head length].</summary>
    public static string AttentionQueryNorm(int block) => $"blk.{block}.attn_q_norm.weight";

    /// <summary>Scale of the RMS norm of each key head, [head length].</summary>
    public static string AttentionKeyNorm(int block) => $"blk.{block}.attn_k_norm.weight";

    /// <summary>Scale of the RMS norm of the attention's output, [embedding].</summary>
    public static string AttentionOutputNorm(int block) => $"blk.{block}.post_attention_norm.weight";

    /// <summary>Scale of the RMS norm of the feed-forward output, [embedding].</summary>
    public static string FeedForwardOutputNorm(int block) => $"blk.{block}.post_ffw_norm.weight";

    /// <summary>Biases of the gate projection, [feed-forward].</summary>
    public static string FeedForwardGateBias(int block) => $"blk.{block}.ffn_gate.bias";

    /// <summary>Biases of the up projection, [feed-forward].</summary>
    public static string FeedForwardUpBias(int block) => $"blk.{block}.ffn_up.bias";

    /// <summary>Biases of the down projection, [embedding].</summary>
    public static string FeedForwardDownBias(int block) => $"blk.{block}.ffn_down.bias";

    /// <summary>Which experts a token uses, [embedding, experts].</summary>
    public static string Router(int block) => $"blk.{block}.ffn_gate_inp.weight";

    /// <summary>Whether a tensor is the router of a block.</summary>
    public static bool IsRouter(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(".ffn_gate_inp.weight", StringComparison.Ordinal);
    }

    /// <summary>Gate projections of all experts, [embedding, expert feed-forward, experts].</summary>
    public static string ExpertGates(int block) => $"blk.{block}.ffn_gate_exps.weight";

    /// <summary>Up projections of all experts, [embedding, expert feed-forward, experts].</summary>
    public static string ExpertUps(int block) => $"blk.{block}.ffn_up_exps.weight";

    /// <summary>Down projections of all experts, [expert feed-forward, embedding, experts].</summary>
    public static string ExpertDowns(int block) => $"blk.{block}.ffn_down_exps.weight";

    /// <summary>How much of the shared expert a token uses, [embedding].</summary>
    public static string SharedExpertRouter(int block) => $"blk.{block}.ffn_gate_inp_shexp.weight";

    /// <summary>Gate projection of the shared expert, [embedding, shared feed-forward].</summary>
    public static string SharedExpertGate(int block) => $"blk.{block}.ffn_gate_shexp.weight";

    /// <summary>Up projection of the shared expert, [embedding, shared feed-forward].</summary>
    public static string SharedExpertUp(int block) => $"blk.{block}.ffn_up_shexp.weight";

    /// <summary>Down projection of the shared expert, [shared feed-forward, embedding].</summary>
    public static string SharedExpertDown(int block) => $"blk.{block}.ffn_down_shexp.weight";
}
