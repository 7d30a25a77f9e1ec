using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>What config.json says of experts.</summary>
/// <param name="Count">Number of experts.</param>
/// <param name="Used">How many a token uses.</param>
/// <param name="Length">Number of values inside one.</param>
/// <param name="SharedLength">Number of values inside the expert that every token uses, or null without one.</param>
internal sealed record ExpertSettings(int Count, int Used, int Length, int? SharedLength)
{
    private const int CountMax = 4096;

    /// <exception cref="InvalidFormatException">A value is missing, cannot be, or has no place in GGUF.</exception>
    public static ExpertSettings Read(JsonFields config, ModelFamily family)
    {
        var isMixtral = family.Experts == ExpertLayout.Mixtral;
        var experts = new ExpertSettings(
            ModelSizes.Size(config, isMixtral ? "num_local_experts" : "num_experts"),
            ModelSizes.Size(config, "num_experts_per_tok"),
            ModelSizes.Size(config, isMixtral ? "intermediate_size" : "moe_intermediate_size"),
            family.Experts == ExpertLayout.QwenShared ? ModelSizes.Size(config, "shared_expert_intermediate_size") : null);
        if (experts.Count is < 2 or > CountMax || experts.Used > experts.Count)
        {
            throw config.Refused($"{experts.Used} of {experts.Count} experts per token; 2 … {CountMax} experts are supported, and no token can use more than there are");
        }

        if (!isMixtral)
        {
            RefuseQwenVariants(config, family);
        }

        return experts;
    }

    public void AddMetadata(string architecture, bool isMixtral, IDictionary<string, GgufValue> metadata)
    {
        metadata[$"{architecture}.expert_count"] = (uint)Count;
        metadata[$"{architecture}.expert_used_count"] = (uint)Used;
        if (!isMixtral)
        {
            metadata[$"{architecture}.expert_feed_forward_length"] = (uint)Length;
        }

        if (SharedLength is { } shared)
        {
            metadata[$"{architecture}.expert_shared_feed_forward_length"] = (uint)shared;
        }
    }

    /// <summary>GGUF fixes by architecture whether the weights of the chosen experts are scaled to add up to 1, and that every layer has experts.</summary>
    private static void RefuseQwenVariants(JsonFields config, ModelFamily family)
    {
        var normalizes = config.FindBoolean("norm_topk_prob") ?? false;
        if (normalizes != (family.Experts == ExpertLayout.Qwen))
        {
            throw config.Refused($"norm_topk_prob is {(normalizes ? "true" : "false")}, which GGUF cannot say for {family.Name}");
        }

        if (config.FindInt32("decoder_sparse_step") is not (null or 1) || config.FindArray("mlp_only_layers")?.Any() == true)
        {
            throw config.Refused("decoder_sparse_step and mlp_only_layers say that some layers have no experts, which GGUF cannot say");
        }
    }
}
