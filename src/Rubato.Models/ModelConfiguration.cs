using Rubato.Core;
using Rubato.Kernels.Positions;
using Rubato.Models.Architectures;
using Rubato.Models.Gguf;

namespace Rubato.Models;

/// <summary>
/// Sizes and constants of a decoder: norms before each layer, rotary positions, grouped-query attention, gated feed-forward or
/// experts. What a feature's default leaves out is a plain Llama model.
/// </summary>
public sealed record ModelConfiguration
{
    /// <summary>Base of the rotary angles where a file names none.</summary>
    public const float RopeThetaDefault = 10_000;

    private const int SizeMax = 1 << 24; // Far above any model; products of two sizes stay far from overflow.

    /// <summary>What all models of the architecture have in common.</summary>
    public ModelArchitecture Architecture { get; init; } = ModelArchitecture.Llama;

    /// <summary>Longest sequence in tokens that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Number of values per token between the layers.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Number of blocks (attention and feed-forward).</summary>
    public required int BlockCount { get; init; }

    /// <summary>Number of values inside a feed-forward layer without experts.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key and value heads; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Number of values in a query, key or value head.</summary>
    public required int HeadLength { get; init; }

    /// <summary>Added to the mean square in every RMS norm; in (0, 1).</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary angles; more than 1.</summary>
    public float RopeTheta { get; init; } = RopeThetaDefault;

    /// <summary>Base of the rotary angles in layers with a sliding window, which then ignore the scaling; null: as in all layers.</summary>
    public float? LocalRopeTheta { get; init; }

    /// <summary>How many values of a head the rotation covers; even, at most <see cref="HeadLength"/>. See <see cref="RotaryPairing"/>.</summary>
    public required int RopeDimensionCount { get; init; }

    /// <summary>How positions are stretched.</summary>
    public RotaryScaling RopeScaling { get; init; } = RotaryScaling.None;

    /// <summary>Which factors of the rotary frequencies the file holds.</summary>
    public RotaryFactors RopeFactors { get; init; }

    /// <summary>Number of tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Whether the output head is the token embedding itself.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether queries, keys and values come from one tensor.</summary>
    public bool FusesQueryKeyValue { get; init; }

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool HasQueryKeyValueBias { get; init; }

    /// <summary>Whether the output of attention has a bias.</summary>
    public bool HasAttentionOutputBias { get; init; }

    /// <summary>Whether gate, up and down projection have biases.</summary>
    public bool HasFeedForwardBias { get; init; }

    /// <summary>How many positions a layer with a window sees, its own included; 0: no layer has one.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Which layers have the window: all (0), or all but every n-th (n).</summary>
    public int SlidingWindowPeriod { get; init; }

    /// <summary>Limit c of attention scores, c · tanh(s / c); 0: none.</summary>
    public float AttentionSoftCap { get; init; }

    /// <summary>Limit of the logits, in the same way; 0: none.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>The experts in place of a feed-forward layer; null: there are none.</summary>
    public ExpertConfiguration? Experts { get; init; }

    /// <summary>Number of values in all query heads together.</summary>
    public int QueryLength => HeadCount * HeadLength;

    /// <summary>Number of values in all key heads together; the same for the value heads.</summary>
    public int KeyValueLength => KeyValueHeadCount * HeadLength;

    /// <summary>What products of queries and keys are multiplied by.</summary>
    public float AttentionScale => BlockCount == Architecture.EmbeddingScaledAttentionBlocks
        ? 1 / MathF.Sqrt(EmbeddingLength / HeadCount)
        : 1 / MathF.Sqrt(HeadLength);

    /// <summary>What token embeddings are multiplied by.</summary>
    public float EmbeddingScale => Architecture.ScalesEmbedding ? MathF.Sqrt(EmbeddingLength) : 1;

    /// <summary>Whether nothing goes beyond a plain Llama model: no biases, experts, windows, caps or stretched positions.</summary>
    public bool IsPlainLlama => this == this with
    {
        Architecture = ModelArchitecture.Llama,
        RopeScaling = RotaryScaling.None,
        RopeFactors = RotaryFactors.None,
        FusesQueryKeyValue = false,
        HasQueryKeyValueBias = false,
        HasAttentionOutputBias = false,
        HasFeedForwardBias = false,
        SlidingWindow = 0,
        AttentionSoftCap = 0,
        LogitSoftCap = 0,
        Experts = null,
    };

    /// <summary>Number of parameters, a tied head counted once.</summary>
    public long ParameterCount => Tensors().Sum(t => t.ElementCount);

    /// <summary>Reads the configuration of <paramref name="file"/> and checks that its tensors are the ones it calls for.</summary>
    /// <exception cref="InvalidFormatException">The file holds another architecture or contradicts itself.</exception>
    public static ModelConfiguration FromGguf(GgufFile file) => new ConfigurationReader(file).Read();

    /// <summary>Sets the architecture's metadata keys. Tensors, tokenizer and names are the caller's to add.</summary>
    public void WriteTo(GgufWriter writer) => ConfigurationWriter.Write(this, writer);

    /// <summary>How many positions layer <paramref name="block"/> sees, its own included; 0: all.</summary>
    public int WindowOf(int block) =>
        SlidingWindowPeriod == 0 || block % SlidingWindowPeriod < SlidingWindowPeriod - 1 ? SlidingWindow : 0;

    /// <summary>The tensors of a model with this configuration, in the order in which they are written.</summary>
    public IEnumerable<ModelTensor> Tensors() => ModelTensors.Of(this);

    /// <summary>Every rule that the values break, one line each; empty when the configuration is sound.</summary>
    public IEnumerable<string> Problems() =>
        [.. SizeProblems(), .. ConstantProblems(), .. RopeScaling.Problems(), .. Experts?.Problems(SizeMax) ?? [], .. ArchitectureProblems()];

    private IEnumerable<string> SizeProblems()
    {
        (string Name, int Value)[] sizes =
        [
            ("context length", ContextLength), ("embedding length", EmbeddingLength), ("block count", BlockCount),
            ("feed-forward length", FeedForwardLength), ("head count", HeadCount), ("key-value head count", KeyValueHeadCount),
            ("head length", HeadLength), ("rotary dimension count", RopeDimensionCount), ("vocabulary size", VocabularySize),
        ];
        foreach (var (name, value) in sizes.Where(size => size.Value is < 1 or > SizeMax))
        {
            yield return $"the {name} is {value}; it must lie in 1 … {SizeMax}";
        }

        if (KeyValueHeadCount > 0 && HeadCount % KeyValueHeadCount != 0)
        {
            yield return $"{HeadCount} heads cannot share {KeyValueHeadCount} key-value heads evenly";
        }

        if ((long)HeadCount * HeadLength > SizeMax)
        {
            yield return $"{HeadCount} heads of {HeadLength} values are more than {SizeMax} values";
        }

        if (RopeDimensionCount % 2 != 0 || RopeDimensionCount > HeadLength)
        {
            yield return $"the rotary dimension count is {RopeDimensionCount}; it must be even and at most the head length, {HeadLength}";
        }

        if (SlidingWindow < 0 || SlidingWindowPeriod < 0)
        {
            yield return $"the sliding window is {SlidingWindow} and its period {SlidingWindowPeriod}; neither may be negative";
        }
    }

    private IEnumerable<string> ConstantProblems()
    {
        if (!(RmsNormEpsilon > 0 && RmsNormEpsilon < 1))
        {
            yield return $"the RMS norm epsilon is {RmsNormEpsilon}; it must lie between 0 and 1";
        }

        foreach (var theta in new[] { RopeTheta, LocalRopeTheta ?? RopeThetaDefault }.Where(value => !(value > 1 && float.IsFinite(value))))
        {
            yield return $"the rotary base is {theta}; it must be finite and more than 1";
        }

        foreach (var cap in new[] { AttentionSoftCap, LogitSoftCap }.Where(value => !(value >= 0 && float.IsFinite(value))))
        {
            yield return $"a soft cap is {cap}; it must be finite and not negative";
        }
    }

    private IEnumerable<string> ArchitectureProblems()
    {
        if (Experts is null ? Architecture.Experts == ExpertUse.Always : Architecture.Experts == ExpertUse.None)
        {
            yield return Experts is null ? $"the architecture {Architecture} needs experts" : $"the architecture {Architecture} has no experts";
        }

        if (Experts is { } experts && experts.SharedFeedForwardLength > 0 != Architecture.HasSharedExpert)
        {
            yield return $"the feed-forward length of the shared expert is {experts.SharedFeedForwardLength}, in architecture {Architecture}";
        }

        if (SlidingWindow > 0 && Architecture.WindowPeriodDefault is null)
        {
            yield return $"the sliding window is {SlidingWindow}; models of the architecture {Architecture} have none here";
        }

        if (HasFeedForwardBias && (Experts is not null || Architecture.FusesGateUp))
        {
            yield return "biases of feed-forward layers with experts or fused projections are not supported";
        }

        if (RopeScaling.Kind is RotaryScalingKind.Yarn && LocalRopeTheta is not null)
        {
            yield return "YaRN beside layers with a rotary base of their own is not supported";
        }
    }
}
