using System.Globalization;

namespace Rubato.LearningRates.Tests;

/// <summary>RUBATO_FUZZ_SCALE multiplies how many inputs a fuzz test draws.</summary>
internal static class FuzzScale
{
    public static long Times(long count) =>
        count * (int.TryParse(Environment.GetEnvironmentVariable("RUBATO_FUZZ_SCALE"), NumberStyles.None, CultureInfo.InvariantCulture, out var scale) ? Math.Max(1, scale) : 1);
}
