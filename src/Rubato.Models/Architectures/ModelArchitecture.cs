using System.Collections.Immutable;
using Rubato.Kernels.Activations;
using Rubato.Kernels.Positions;

namespace Rubato.Models.Architectures;

/// <summary>
/// What all models of one <c>general.architecture</c> have in common. Values that differ between files of an architecture are in
/// <see cref="ModelConfiguration"/>.
/// </summary>
public sealed record ModelArchitecture
{
    private ModelArchitecture()
    {
    }

    /// <summary>Llama 1 to 3, Mistral, Mixtral and the many models of the same graph.</summary>
    public static ModelArchitecture Llama { get; } = new()
    {
        Name = "llama",
        Pairing = RotaryPairing.Neighbours,
        Experts = ExpertUse.Optional,
        NormalizesExpertWeights = true,
        WindowPeriodDefault = 0,
        FrequencyFactors = true,
        ShortAndLongFactors = true,
    };

    /// <summary>Qwen 2 and 2.5: biases of queries, keys and values.</summary>
    public static ModelArchitecture Qwen2 { get; } = new() { Name = "qwen2" };

    /// <summary>Qwen 1.5 and 2 with experts and a gated shared expert.</summary>
    public static ModelArchitecture Qwen2Moe { get; } = new() { Name = "qwen2moe", Experts = ExpertUse.Always, HasSharedExpert = true };

    /// <summary>Qwen 3: queries and keys are normalised per head.</summary>
    public static ModelArchitecture Qwen3 { get; } = new() { Name = "qwen3", NormalizesHeads = true };

    /// <summary>Qwen 3 with experts.</summary>
    public static ModelArchitecture Qwen3Moe { get; } = new()
    {
        Name = "qwen3moe", NormalizesHeads = true, Experts = ExpertUse.Always, NormalizesExpertWeights = true,
    };

    /// <summary>Gemma 1: GeGLU, scaled embeddings.</summary>
    public static ModelArchitecture Gemma { get; } = new() { Name = "gemma", Activation = GateActivation.Gelu, ScalesEmbedding = true };

    /// <summary>Gemma 2: norms after each part too, soft caps, every other layer with a window.</summary>
    public static ModelArchitecture Gemma2 { get; } = Gemma with
    {
        Name = "gemma2",
        NormalizesOutputs = true,
        WindowPeriodDefault = 2,
        WindowDefault = 4096,
        AttentionSoftCapDefault = 50,
        LogitSoftCapDefault = 30,
        EmbeddingScaledAttentionBlocks = 46,
    };

    /// <summary>Gemma 3: norms of queries and keys in place of soft caps, five layers of six with a window and positions of their own.</summary>
    public static ModelArchitecture Gemma3 { get; } = Gemma with
    {
        Name = "gemma3",
        NormalizesHeads = true,
        NormalizesOutputs = true,
        WindowPeriodDefault = 6,
        LocalRopeThetaDefault = 10_000,
        EmbeddingScaledAttentionBlocks = 62,
    };

    /// <summary>Phi 3, 3.5 and 4: projections fused in one tensor.</summary>
    public static ModelArchitecture Phi3 { get; } = new()
    {
        Name = "phi3", FusesGateUp = true, WindowPeriodDefault = 0, ShortAndLongFactors = true,
    };

    /// <summary>The architectures that run.</summary>
    public static ImmutableArray<ModelArchitecture> All { get; } = [Llama, Qwen2, Qwen2Moe, Qwen3, Qwen3Moe, Gemma, Gemma2, Gemma3, Phi3];

    /// <summary>Names of the architectures that run, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(architecture => architecture.Name));

    /// <summary>Value of <c>general.architecture</c>, and first part of the names of its keys.</summary>
    public required string Name { get; init; }

    /// <summary>Which numbers of a head turn together.</summary>
    public RotaryPairing Pairing { get; init; } = RotaryPairing.Halves;

    /// <summary>Activation of the feed-forward gates.</summary>
    public GateActivation Activation { get; init; }

    /// <summary>Whether token embeddings are multiplied by √embedding.</summary>
    public bool ScalesEmbedding { get; init; }

    /// <summary>Whether each query and key head is normalised before it turns.</summary>
    public bool NormalizesHeads { get; init; }

    /// <summary>Whether the outputs of attention and feed-forward are normalised before they join the residual stream.</summary>
    public bool NormalizesOutputs { get; init; }

    /// <summary>Whether gate and up projection are one tensor, gates first.</summary>
    public bool FusesGateUp { get; init; }

    /// <summary>Whether feed-forward layers consist of experts.</summary>
    public ExpertUse Experts { get; init; }

    /// <summary>Whether the weights of the chosen experts are divided by their sum.</summary>
    public bool NormalizesExpertWeights { get; init; }

    /// <summary>Whether one more expert works for every token, multiplied by a gate of its own.</summary>
    public bool HasSharedExpert { get; init; }

    /// <summary>
    /// Which layers have a sliding window where the file does not say: all (0), or all but every n-th (n). Null: the architecture
    /// has none.
    /// </summary>
    public int? WindowPeriodDefault { get; init; }

    /// <summary>The window where the file names none; 0: then there is none.</summary>
    public int WindowDefault { get; init; }

    /// <summary>Soft cap of attention scores where the file names none; 0: none.</summary>
    public float AttentionSoftCapDefault { get; init; }

    /// <summary>Soft cap of logits where the file names none; 0: none.</summary>
    public float LogitSoftCapDefault { get; init; }

    /// <summary>Base of the rotary angles of layers with a window, which then ignore any scaling; null: as in all layers.</summary>
    public float? LocalRopeThetaDefault { get; init; }

    /// <summary>Whether a file may hold factors of the rotary frequencies (Llama 3.1).</summary>
    public bool FrequencyFactors { get; init; }

    /// <summary>Whether a file may hold two sets of such factors, for short and long contexts (LongRoPE).</summary>
    public bool ShortAndLongFactors { get; init; }

    /// <summary>The one number of blocks whose models scale scores by 1 / √(embedding / heads) in place of 1 / √(head length).</summary>
    public int EmbeddingScaledAttentionBlocks { get; init; }

    /// <summary>The architecture called <paramref name="name"/>, or null.</summary>
    public static ModelArchitecture? Find(string name) => All.FirstOrDefault(architecture => architecture.Name == name);

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}

/// <summary>Whether the models of an architecture have experts.</summary>
public enum ExpertUse
{
    /// <summary>None has.</summary>
    None,

    /// <summary>Those have whose file says how many.</summary>
    Optional,

    /// <summary>All have.</summary>
    Always,
}
