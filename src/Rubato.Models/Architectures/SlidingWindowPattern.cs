using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Architectures;

/// <summary>Which layers have a sliding window, in the two ways in which files say it: a period, or one boolean per layer.</summary>
internal static class SlidingWindowPattern
{
    /// <summary>The period as <see cref="ModelConfiguration.SlidingWindowPeriod"/> has it.</summary>
    /// <exception cref="InvalidFormatException">The booleans follow no period, or the key is of another type.</exception>
    public static int ReadPeriod(GgufFile file, ConfigurationKeys keys, ModelArchitecture architecture)
    {
        var key = keys.SlidingWindowPattern;
        if (!file.Metadata.TryGet(key, out var value) || value.AsArray is null)
        {
            return file.Metadata.FindInt32(key) ?? architecture.WindowPeriodDefault ?? 0;
        }

        var layers = file.Metadata.GetArray<bool>(key);
        var period = layers.IndexOf(false) + 1; // The first layer without a window ends a period; none: all have one.
        for (var layer = 0; layer < layers.Length; layer++)
        {
            if (layers[layer] != (period == 0 || layer % period < period - 1))
            {
                throw new InvalidFormatException($"{file.Name}: {key} follows no period (layer {layer}); such patterns are not supported.");
            }
        }

        return period;
    }
}
