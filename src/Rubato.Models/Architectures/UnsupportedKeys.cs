using Rubato.Models.Gguf;

namespace Rubato.Models.Architectures;

/// <summary>Keys that call for something that no pass here does: ignoring them would give wrong text in place of an error.</summary>
internal static class UnsupportedKeys
{
    // Numbers that mean "not there" are 0, or what the second column says.
    private static readonly (string Name, double Neutral)[] Keys =
    [
        ("attention.scale", 0), ("attention.clamp_kqv", 0), ("attention.max_alibi_bias", 0), ("attention.output_scale", 0),
        ("attention.temperature_length", 0), ("attention.temperature_scale", 0), ("attention.shared_kv_layers", 0),
        ("attention.kv_lora_rank", 0), ("attention.q_lora_rank", 0), ("attention.key_length_swa", 0), ("attention.value_length_swa", 0),
        ("rope.dimension_count_swa", 0), ("rope.dimension_sections", 0), ("rope.scaling.yarn_log_multiplier", 0),
        ("rope.scaling.yarn_ext_factor", 1), ("rope.scaling.yarn_attn_factor", 1), ("rope.scaling.alpha", 0), ("embedding_scale", 0),
        ("residual_scale", 0), ("logit_scale", 0), ("router_logit_softcapping", 0), ("use_parallel_residual", 0),
        ("leading_dense_block_count", 0), ("nextn_predict_layers", 0), ("interleave_moe_layer_step", 0),
        ("embedding_length_per_layer_input", 0), ("expert_gating_func", 1), ("expert_group_count", 1), ("expert_group_used_count", 1),
    ];

    /// <summary>What is wrong with the first such key, or null.</summary>
    public static string? FirstIn(GgufMetadata metadata, ConfigurationKeys keys)
    {
        foreach (var (name, neutral) in Keys)
        {
            if (metadata.TryGet(keys[name], out var value) && Number(value) is not 0 and var number && number != neutral)
            {
                return $"{keys[name]} is {value}; models with this feature are not supported";
            }
        }

        return metadata.FindBoolean(keys["attention.causal"]) == false
            ? $"{keys["attention.causal"]} is false; models that see later tokens are not supported"
            : null;
    }

    private static double? Number(GgufValue value) =>
        value.AsFloat ?? (double?)value.AsInteger ?? (value.AsBoolean is { } flag ? (flag ? 1 : 0) : null);
}
