using Rubato.Core;
using Rubato.Kernels.Positions;
using Rubato.Models;
using Rubato.Models.Architectures;

namespace Rubato.Inference.Models;

/// <summary>The rotary frequencies of a model, stretched as its configuration says.</summary>
internal static class RotaryTable
{
    /// <summary>The table of layers that see all positions, and of the others where they have none of their own.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="factors">Divisors of the frequencies, one per pair, or null.</param>
    public static RotaryEmbedding Global(ModelConfiguration configuration, float[]? factors)
    {
        var scaling = configuration.RopeScaling;
        var frequencies = RotaryEmbedding.FrequenciesOf(configuration.RopeDimensionCount, configuration.RopeTheta);
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            var frequency = frequencies[pair] / (factors?[pair] ?? 1);
            var kept = scaling.Kind == RotaryScalingKind.Yarn ? KeptShare(configuration, pair) : 0;
            frequencies[pair] = (frequency * kept) + (frequency / scaling.Factor * (1 - kept));
        }

        var magnitude = scaling.Kind == RotaryScalingKind.Yarn && scaling.Factor > 1 ? 1 + (0.1 * Math.Log(scaling.Factor)) : 1;
        return new(frequencies, configuration.Architecture.Pairing, magnitude * scaling.AttentionFactor);
    }

    /// <summary>The table of layers with a window, or null where they turn as all others do.</summary>
    public static RotaryEmbedding? Local(ModelConfiguration configuration) => configuration.LocalRopeTheta is { } theta
        ? new(configuration.RopeDimensionCount, theta, configuration.Architecture.Pairing)
        : null;

    /// <summary>Which tensor holds the factors, or null.</summary>
    public static string? FactorsOf(ModelConfiguration configuration) => configuration.RopeFactors switch
    {
        RotaryFactors.Frequencies => TensorNames.RopeFrequencies,
        RotaryFactors.ShortAndLong => configuration.ContextLength > configuration.RopeScaling.OriginalContextLength
            ? TensorNames.RopeFactorsLong
            : TensorNames.RopeFactorsShort,
        _ => null,
    };

    /// <summary>Refuses factors that would make positions meaningless.</summary>
    public static void Check(float[] factors, string file, string tensor)
    {
        foreach (var factor in factors.Where(factor => !(factor > 0 && float.IsFinite(factor))))
        {
            throw new InvalidFormatException($"{file}: tensor {tensor} holds {factor}; factors of rotary frequencies must be finite and above 0.");
        }
    }

    /// <summary>How much of its frequency a pair keeps under YaRN: 1 for fast pairs, 0 for slow ones, a ramp between.</summary>
    private static double KeptShare(ModelConfiguration configuration, int pair)
    {
        var scaling = configuration.RopeScaling;
        var low = Math.Max(Math.Floor(PairThatTurns(scaling.BetaFast)), 0);
        var high = Math.Min(Math.Ceiling(PairThatTurns(scaling.BetaSlow)), configuration.RopeDimensionCount - 1);
        return 1 - Math.Clamp((pair - low) / Math.Max(high - low, 0.001), 0, 1);

        // The pair, as a real number, that turns so often over the original context.
        double PairThatTurns(double turns) =>
            configuration.RopeDimensionCount * Math.Log(scaling.OriginalContextLength / (turns * 2 * Math.PI))
            / (2 * Math.Log(configuration.RopeTheta));
    }
}
