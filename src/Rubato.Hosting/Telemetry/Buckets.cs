namespace Rubato.Hosting.Telemetry;

/// <summary>Upper bounds of histogram buckets.</summary>
/// <remarks>Source: OpenTelemetry's semantic conventions for generative AI; the latencies of whole requests serve both name families.</remarks>
internal static class Buckets
{
    public static IReadOnlyList<double> RequestSeconds { get; } =
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    public static IReadOnlyList<double> FirstTokenSeconds { get; } =
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    public static IReadOnlyList<double> OutputTokenSeconds { get; } = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    public static IReadOnlyList<double> Tokens { get; } =
        [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
}
