using System.Globalization;

namespace Rubato.Tests;

/// <summary>The environment variable RUBATO_FUZZ_SCALE multiplies how many inputs fuzzing tests draw; 1 when it is not set. Linked into every test project.</summary>
internal static class FuzzScale
{
    public static double Value { get; } = double.Parse(
        Environment.GetEnvironmentVariable("RUBATO_FUZZ_SCALE") ?? "1", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    public static int Times(int count) => (int)Math.Max(1, count * Value);
}
