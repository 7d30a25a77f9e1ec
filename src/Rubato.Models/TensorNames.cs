namespace Rubato.Models;

/// <summary>What GGUF files call the tensors of a Llama-family model. Block numbers start at 0.</summary>
public static class TensorNames
{
    /// <summary>Token embeddings, [embedding, vocabulary]; also the output head when the head is tied.</summary>
    public const string TokenEmbedding = "token_embd.weight";

    /// <summary>Scale of the last RMS norm, [embedding].</summary>
    public const string OutputNorm = "output_norm.weight";

    /// <summary>Output head, [embedding, vocabulary]; absent when tied.</summary>
    public const string Output = "output.weight";

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
}
