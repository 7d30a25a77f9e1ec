using System.Globalization;

namespace Rubato.Serving.Tests;

/// <summary>RUBATO_FUZZ_SCALE multiplies the iterations of fuzzing tests; 1 by default.</summary>
internal static class FuzzScale
{
    public static int Value { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("RUBATO_FUZZ_SCALE"), CultureInfo.InvariantCulture, out var scale) ? scale : 1;
}
