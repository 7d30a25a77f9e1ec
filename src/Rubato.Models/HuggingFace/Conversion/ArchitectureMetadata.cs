using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>config.json as the architecture's keys of GGUF. What GGUF cannot say is refused, because it would change the results.</summary>
internal static class ArchitectureMetadata
{
    private static readonly string[] TanhGelu = ["gelu_pytorch_tanh", "gelu_new", "gelu"]; // Gemma's "gelu" has always meant the tanh form.

    /// <summary>The keys in the order in which they are written.</summary>
    /// <exception cref="InvalidFormatException">A value is missing, cannot be, or has no place in GGUF.</exception>
    public static OrderedDictionary<string, GgufValue> Make(ModelFamily family, ModelSizes sizes, RopeSettings rope, JsonFields config)
    {
        RefuseUnsayable(family, config);
        var prefix = family.GgufName;
        var metadata = new OrderedDictionary<string, GgufValue>(StringComparer.Ordinal)
        {
            [$"{prefix}.context_length"] = (uint)sizes.Context,
            [$"{prefix}.embedding_length"] = (uint)sizes.Embedding,
            [$"{prefix}.block_count"] = (uint)sizes.Blocks,
            [$"{prefix}.feed_forward_length"] = (uint)sizes.FeedForward,
            [$"{prefix}.attention.head_count"] = (uint)sizes.Heads,
            [$"{prefix}.attention.head_count_kv"] = (uint)sizes.KeyValueHeads,
            [$"{prefix}.attention.key_length"] = (uint)sizes.HeadLength,
            [$"{prefix}.attention.value_length"] = (uint)sizes.HeadLength,
            [$"{prefix}.attention.layer_norm_rms_epsilon"] = sizes.Epsilon,
            [$"{prefix}.vocab_size"] = (uint)sizes.Vocabulary,
        };
        rope.AddMetadata(prefix, sizes, config, metadata);
        if (family.Experts != ExpertLayout.None)
        {
            ExpertSettings.Read(config, family).AddMetadata(prefix, family.Experts == ExpertLayout.Mixtral, metadata);
        }

        if (family.NormsAfterLayers)
        {
            AddSoftcaps(prefix, sizes, config, metadata);
        }

        if (Window(family, sizes, config) is { } window)
        {
            metadata[$"{prefix}.attention.sliding_window"] = (uint)window;
        }

        return metadata;
    }

    private static void RefuseUnsayable(ModelFamily family, JsonFields config)
    {
        if (config.FindObject("quantization_config") is { } quantization)
        {
            throw config.Refused(
                $"the weights are quantised ({Printable.Quote(quantization.FindString("quant_method") ?? "no method named")}); convert the model that they were made from");
        }

        var activation = config.FindString("hidden_activation") ?? config.FindString("hidden_act") ?? (family.Gelu ? TanhGelu[0] : "silu");
        if (!(family.Gelu ? TanhGelu.Contains(activation) : activation is "silu" or "swish"))
        {
            throw config.Refused($"the activation {Printable.Quote(activation)} is not supported for {family.Name}; supported: {(family.Gelu ? TanhGelu[0] : "silu")}");
        }

        if (family.QueryKeyValueBias && config.FindBoolean("attention_bias") == true)
        {
            throw config.Refused($"attention_bias has no meaning for {family.Name}");
        }
    }

    private static void AddSoftcaps(string prefix, ModelSizes sizes, JsonFields config, OrderedDictionary<string, GgufValue> metadata)
    {
        foreach (var (field, key) in new[] { ("attn_logit_softcapping", "attn_logit_softcapping"), ("final_logit_softcapping", "final_logit_softcapping") })
        {
            if (config.FindSingle(field) is not { } cap)
            {
                continue;
            }

            if (prefix == "gemma3" && field[0] == 'a' || !(cap > 0))
            {
                throw config.Refused($"{field} is {cap}, which GGUF cannot say for {prefix}");
            }

            metadata[$"{prefix}.{key}"] = cap;
        }

        // GGUF has no key for the scale of the queries: programs take the head length, for the models of these many layers the other one.
        var scalar = config.FindSingle("query_pre_attn_scalar") ?? sizes.HeadLength;
        var expected = (prefix, sizes.Blocks) is ("gemma2", 46) or ("gemma3", 62) ? (float)sizes.Embedding / sizes.Heads : sizes.HeadLength;
        if (scalar != expected)
        {
            throw config.Refused($"query_pre_attn_scalar is {scalar}; GGUF can only mean {expected} for a {prefix} of {sizes.Blocks} layers");
        }
    }

    private static int? Window(ModelFamily family, ModelSizes sizes, JsonFields config)
    {
        var window = config.Has("sliding_window") ? ModelSizes.Size(config, "sliding_window") : (int?)null;
        switch (family.Window)
        {
            case WindowRule.EveryLayer:
                return window;
            case WindowRule.EveryLayerOrZero:
                return window ?? 0;
            case WindowRule.MustBeOff:
                return config.FindBoolean("use_sliding_window") == true && window is not null && config.FindInt32("max_window_layers") is { } full && full < sizes.Blocks
                    ? throw config.Refused("use_sliding_window gives some layers a window of attention, which GGUF cannot say for this architecture")
                    : null;
            case WindowRule.EverySecondLayer or WindowRule.FiveOfSixLayers:
                CheckPattern(family.Window == WindowRule.EverySecondLayer ? 2 : 6, config);
                return window ?? throw config.Missing("sliding_window");
            default:
                return null;
        }
    }

    private static void CheckPattern(int period, JsonFields config)
    {
        var stated = config.FindInt32("sliding_window_pattern") ?? config.FindInt32("_sliding_window_pattern");
        var layers = config.FindArray("layer_types")?.Select(layer => layer.ToString()).ToList();
        var asLayers = layers is null || layers.Index().All(layer => layer.Item == ((layer.Index + 1) % period == 0 ? "full_attention" : "sliding_attention"));
        if (stated is not null && stated != period || !asLayers)
        {
            throw config.Refused($"which layers have a window of attention is not the rule of this architecture, all but every {period}th; GGUF cannot say it");
        }
    }
}
