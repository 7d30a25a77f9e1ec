using Rubato.Core;
using Rubato.Inference.Models;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Tests.Models;

/// <summary>Models whose metadata or weights lie are refused in one line, or run to an end: nothing else happens.</summary>
/// <remarks>The environment variable RUBATO_FUZZ_SCALE multiplies the number of inputs.</remarks>
public class HostileModelTests
{
    private const int RunsPerVariant = 60;

    private static readonly GgufValue[] Values =
    [
        0u, 1u, 2u, 3u, 7u, 8u, 255u, 65_536u, 1 << 24, int.MaxValue, uint.MaxValue, -1, ulong.MaxValue, 0f, -1f, 0.5f, 1e-30f, 1e30f, float.NaN,
        float.PositiveInfinity, 1.0, true, false, "", "yarn", "linear", "longrope", GgufArray.Of<bool>([true, false]), GgufArray.Of<uint>([1, 2]),
    ];

    private static readonly string[] Keys =
    [
        "context_length", "rope.dimension_count", "rope.freq_base", "rope.freq_base_swa", "rope.scaling.type", "rope.scaling.factor",
        "rope.scaling.attn_factor", "rope.scaling.original_context_length", "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow",
        "attention.sliding_window", "attention.sliding_window_pattern", "attention.head_count", "attention.head_count_kv", "attention.key_length",
        "attention.layer_norm_rms_epsilon", "attn_logit_softcapping", "final_logit_softcapping", "expert_count", "expert_used_count",
        "expert_feed_forward_length", "expert_weights_norm", "expert_weights_scale", "expert_gating_func", "block_count", "feed_forward_length",
    ];

    public static TheoryData<string> Variants => [.. ModelVariants.All.Keys];

    [Theory]
    [MemberData(nameof(Variants))]
    public void MetadataThatLies_IsRefusedOrRuns(string variant)
    {
        using var sound = RandomModel.Write(ModelVariants.All[variant], seed: 3);
        var ran = 0;
        for (var run = 0; run < FuzzScale.Times(RunsPerVariant); run++)
        {
            var prng = new Prng(7).Split(variant).Split((ulong)run);
            var changes = Enumerable.Range(0, prng.NextInt32(1, 4)).Select(_ =>
                (Key: $"{ModelVariants.All[variant].Architecture}.{Keys[prng.NextInt32(Keys.Length)]}", Value: Values[prng.NextInt32(Values.Length)]));
            ran += Try(sound, changes) ? 1 : 0;
        }

        Assert.True(ran > 0, "every change was refused: the changes are too coarse to find anything");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void WeightsThatAreNoNumbers_RunToAnEnd(string variant)
    {
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, 1e38f, 0f })
        {
            using var file = RandomModel.Write(ModelVariants.All[variant], seed: 3, change: (name, number) =>
                name.StartsWith("rope_", StringComparison.Ordinal) || !name.Contains("ffn_gate", StringComparison.Ordinal) ? number : value);
            using var harness = new Harness(file, blocks: 4, workers: 1);
            Assert.Equal(6, harness.Logits([1, 2, 3, 4, 5, 6], harness.Table(), 4, 2).Length);
        }
    }

    /// <summary>Whether the model with changed metadata runs; otherwise it is refused in one line.</summary>
    private static bool Try(GgufFile sound, IEnumerable<(string Key, GgufValue Value)> changes)
    {
        var writer = new GgufWriter();
        foreach (var (key, value) in sound.Metadata.Select(pair => (pair.Key, pair.Value)).Concat(changes))
        {
            writer.Set(key, value);
        }

        foreach (var tensor in sound.Tensors)
        {
            writer.AddTensor(tensor.Name, tensor.Dimensions, tensor.Type, sound.Data(tensor));
        }

        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        using var file = GgufFile.Parse(stream.ToArray(), "random.gguf");
        try
        {
            DecoderModel.FromGguf(file).Dispose();
        }
        catch (InvalidFormatException refusal)
        {
            Assert.StartsWith("random.gguf: ", refusal.Message);
            Assert.DoesNotContain('\n', refusal.Message);
            return false;
        }

        using var harness = new Harness(file, blocks: 4, workers: 1);
        return harness.Logits([1, 2, 3, 4, 5, 6, 7, 8, 9], harness.Table(), 5, 1, 3).Length == 9;
    }
}
