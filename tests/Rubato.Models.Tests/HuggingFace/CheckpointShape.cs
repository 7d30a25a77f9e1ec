using System.Text.Json.Nodes;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>Names and shapes of the tensors in a checkpoint of each family, and its config.json, listed from the published checkpoints' own headers.</summary>
internal sealed record CheckpointShape(string Family)
{
    public const int Embedding = 64;
    public const int Heads = 4;
    public const int KeyValueHeads = 2;
    public const int HeadLength = 16;
    public const int FeedForward = 96;
    public const int ExpertLength = 32;
    public const int SharedLength = 40;
    public const int ExpertCount = 4;

    public int Layers { get; init; } = 2;

    public bool Tied { get; init; }

    public static string[] Families { get; } =
    [
        "LlamaForCausalLM", "MistralForCausalLM", "MixtralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM", "Qwen2MoeForCausalLM", "Qwen3MoeForCausalLM",
        "GemmaForCausalLM", "Gemma2ForCausalLM", "Gemma3ForCausalLM", "Phi3ForCausalLM",
    ];

    public bool IsGemma => Family.StartsWith("Gemma", StringComparison.Ordinal);

    public bool IsMoe => Family.Contains("Moe", StringComparison.Ordinal) || Family == "MixtralForCausalLM";

    public bool HasLaterNorms => Family is "Gemma2ForCausalLM" or "Gemma3ForCausalLM";

    public bool IsScored => IsGemma || Family is "LlamaForCausalLM" or "Phi3ForCausalLM";

    public bool IsTied => Tied || IsGemma;

    public JsonObject Config(int vocabulary)
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Family),
            ["hidden_size"] = Embedding,
            ["intermediate_size"] = FeedForward,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["num_hidden_layers"] = Layers,
            ["max_position_embeddings"] = 256,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10_000.0,
            ["vocab_size"] = vocabulary,
            ["tie_word_embeddings"] = IsTied,
            ["hidden_act"] = IsGemma ? "gelu_pytorch_tanh" : "silu",
            ["torch_dtype"] = "float32",
        };
        if (IsGemma || Family.StartsWith("Qwen3", StringComparison.Ordinal))
        {
            config["head_dim"] = HeadLength;
        }

        if (HasLaterNorms)
        {
            config["sliding_window"] = 128;
            config["query_pre_attn_scalar"] = HeadLength;
        }

        if (Family == "Gemma2ForCausalLM")
        {
            config["attn_logit_softcapping"] = 50.0;
            config["final_logit_softcapping"] = 30.0;
        }

        if (IsMoe)
        {
            config[Family == "MixtralForCausalLM" ? "num_local_experts" : "num_experts"] = ExpertCount;
            config["num_experts_per_tok"] = 2;
            config["moe_intermediate_size"] = ExpertLength;
            config["shared_expert_intermediate_size"] = SharedLength;
            config["norm_topk_prob"] = Family == "Qwen3MoeForCausalLM";
        }

        return config;
    }

    public IEnumerable<(string Name, long[] Shape)> Tensors(int vocabulary)
    {
        yield return ("model.embed_tokens.weight", [vocabulary, Embedding]);
        for (var layer = 0; layer < Layers; layer++)
        {
            foreach (var (name, shape) in Layer())
            {
                yield return ($"model.layers.{layer}.{name}", shape);
            }
        }

        yield return ("model.norm.weight", [Embedding]);
        if (!IsTied)
        {
            yield return ("lm_head.weight", [vocabulary, Embedding]);
        }
    }

    private IEnumerable<(string Name, long[] Shape)> Layer()
    {
        long query = Heads * HeadLength, keys = KeyValueHeads * HeadLength;
        yield return ("input_layernorm.weight", [Embedding]);
        yield return ("post_attention_layernorm.weight", [Embedding]);
        yield return ("self_attn.o_proj.weight", [Embedding, query]);
        if (HasLaterNorms)
        {
            yield return ("pre_feedforward_layernorm.weight", [Embedding]);
            yield return ("post_feedforward_layernorm.weight", [Embedding]);
        }

        if (Family == "Phi3ForCausalLM")
        {
            yield return ("self_attn.qkv_proj.weight", [query + 2 * keys, Embedding]);
            yield return ("mlp.gate_up_proj.weight", [2 * FeedForward, Embedding]);
            yield return ("mlp.down_proj.weight", [Embedding, FeedForward]);
            yield break;
        }

        foreach (var (name, rows) in new[] { ("q", query), ("k", keys), ("v", keys) })
        {
            yield return ($"self_attn.{name}_proj.weight", [rows, Embedding]);
            if (Family.StartsWith("Qwen2", StringComparison.Ordinal))
            {
                yield return ($"self_attn.{name}_proj.bias", [rows]);
            }
        }

        if (Family.StartsWith("Qwen3", StringComparison.Ordinal) || Family == "Gemma3ForCausalLM")
        {
            yield return ("self_attn.q_norm.weight", [HeadLength]);
            yield return ("self_attn.k_norm.weight", [HeadLength]);
        }

        foreach (var tensor in IsMoe ? Experts() : Mlp("mlp.", "gate_proj", "up_proj", "down_proj", FeedForward))
        {
            yield return tensor;
        }
    }

    private IEnumerable<(string Name, long[] Shape)> Experts()
    {
        var isMixtral = Family == "MixtralForCausalLM";
        yield return (isMixtral ? "block_sparse_moe.gate.weight" : "mlp.gate.weight", [ExpertCount, Embedding]);
        var tensors = Enumerable.Range(0, ExpertCount).SelectMany(expert => isMixtral
            ? Mlp($"block_sparse_moe.experts.{expert}.", "w1", "w3", "w2", FeedForward)
            : Mlp($"mlp.experts.{expert}.", "gate_proj", "up_proj", "down_proj", ExpertLength));
        foreach (var tensor in tensors)
        {
            yield return tensor;
        }

        if (Family == "Qwen2MoeForCausalLM")
        {
            yield return ("mlp.shared_expert_gate.weight", [1, Embedding]);
            foreach (var tensor in Mlp("mlp.shared_expert.", "gate_proj", "up_proj", "down_proj", SharedLength))
            {
                yield return tensor;
            }
        }
    }

    private static (string Name, long[] Shape)[] Mlp(string prefix, string gate, string up, string down, long length) =>
    [
        ($"{prefix}{gate}.weight", [length, Embedding]), ($"{prefix}{up}.weight", [length, Embedding]), ($"{prefix}{down}.weight", [Embedding, length]),
    ];
}
