using System.Collections.Immutable;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>In what a family of models differs from the plain Llama, as Hugging Face names it and as GGUF does.</summary>
internal sealed record ModelFamily
{
    /// <summary>The entry of <c>architectures</c> in config.json.</summary>
    public required string Name { get; init; }

    /// <summary>GGUF's <c>general.architecture</c>.</summary>
    public required string GgufName { get; init; }

    /// <summary>GGUF's rotary positions turn neighbouring values for this architecture; Hugging Face pairs i with i + d ÷ 2.</summary>
    public bool NeighbouringRotary { get; init; }

    /// <summary>Queries, keys and values have biases although the configuration does not say so.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Queries and keys are normalised per head.</summary>
    public bool HeadNorms { get; init; }

    /// <summary>One matrix for queries, keys and values, and one for gate and up.</summary>
    public bool FusedProjections { get; init; }

    /// <summary>Norms after attention and feed-forward beside those before.</summary>
    public bool NormsAfterLayers { get; init; }

    /// <summary>The stored scale of a norm lacks 1, which GGUF wants added.</summary>
    public bool NormsLackOne { get; init; }

    /// <summary>GELU in its tanh form instead of SiLU.</summary>
    public bool Gelu { get; init; }

    /// <summary>The output head is the embedding unless the configuration says otherwise.</summary>
    public bool TiedByDefault { get; init; }

    /// <summary>How the experts are stored.</summary>
    public ExpertLayout Experts { get; init; }

    /// <summary>How the window of local attention is stated.</summary>
    public WindowRule Window { get; init; }

    /// <summary>The families that can be converted.</summary>
    public static ImmutableArray<ModelFamily> All { get; } =
    [
        new() { Name = "LlamaForCausalLM", GgufName = "llama", NeighbouringRotary = true },
        new() { Name = "MistralForCausalLM", GgufName = "llama", NeighbouringRotary = true, Window = WindowRule.EveryLayer },
        new() { Name = "MixtralForCausalLM", GgufName = "llama", NeighbouringRotary = true, Experts = ExpertLayout.Mixtral, Window = WindowRule.EveryLayer },
        new() { Name = "Qwen2ForCausalLM", GgufName = "qwen2", QueryKeyValueBias = true, Window = WindowRule.MustBeOff },
        new() { Name = "Qwen3ForCausalLM", GgufName = "qwen3", HeadNorms = true, Window = WindowRule.MustBeOff },
        new() { Name = "Qwen2MoeForCausalLM", GgufName = "qwen2moe", QueryKeyValueBias = true, Experts = ExpertLayout.QwenShared, Window = WindowRule.MustBeOff },
        new() { Name = "Qwen3MoeForCausalLM", GgufName = "qwen3moe", HeadNorms = true, Experts = ExpertLayout.Qwen, Window = WindowRule.MustBeOff },
        new() { Name = "GemmaForCausalLM", GgufName = "gemma", NormsLackOne = true, Gelu = true, TiedByDefault = true },
        new() { Name = "Gemma2ForCausalLM", GgufName = "gemma2", NormsLackOne = true, Gelu = true, TiedByDefault = true, NormsAfterLayers = true, Window = WindowRule.EverySecondLayer },
        new()
        {
            Name = "Gemma3ForCausalLM", GgufName = "gemma3", NormsLackOne = true, Gelu = true, TiedByDefault = true, NormsAfterLayers = true, HeadNorms = true,
            Window = WindowRule.FiveOfSixLayers,
        },
        new() { Name = "Phi3ForCausalLM", GgufName = "phi3", FusedProjections = true, Window = WindowRule.EveryLayerOrZero },
    ];

    /// <summary>The names as one readable list.</summary>
    public static string Names => string.Join(", ", All.Select(family => family.Name));
}

/// <summary>How a checkpoint stores the experts of a feed-forward layer.</summary>
internal enum ExpertLayout
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>w1, w2, w3 of each expert; the weights of those chosen add up to 1.</summary>
    Mixtral,

    /// <summary>gate_proj, up_proj, down_proj of each expert; the weights of those chosen add up to 1.</summary>
    Qwen,

    /// <summary>As <see cref="Qwen"/>, with an expert that every token uses; the weights stay as the softmax gave them.</summary>
    QwenShared,
}

/// <summary>How a configuration states the window of local attention, and which layers have it.</summary>
internal enum WindowRule
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Every layer, when sliding_window is there.</summary>
    EveryLayer,

    /// <summary>As <see cref="EveryLayer"/>; GGUF states 0 when there is none.</summary>
    EveryLayerOrZero,

    /// <summary>The first layer and every second after it.</summary>
    EverySecondLayer,

    /// <summary>All layers but every sixth.</summary>
    FiveOfSixLayers,

    /// <summary>GGUF has no words for what use_sliding_window means.</summary>
    MustBeOff,
}
