namespace Rubato.Simulation.Tests.Serving.Links;

/// <summary>
/// Bandwidth of single copies between an H100 and its host over PCIe 5, by their size: digitised from figures 3 and 4 of the article on
/// vLLM's offloading connector.
/// </summary>
internal static class H100Curve
{
    /// <summary>KiB of a copy; GB/s device to host; GB/s host to device.</summary>
    public static readonly (int Kibibytes, double Out, double In)[] Points =
    [
        (4, 0.9, 1.1),
        (8, 2.2, 2.2),
        (16, 4.6, 4.2),
        (32, 8.2, 7.5),
        (64, 15.3, 14.4),
        (128, 21.5, 22.7),
        (256, 29.2, 31.7),
        (512, 37.1, 39.5),
        (1024, 42.5, 44.3),
        (2048, 46.2, 47.7),
        (4096, 48.7, 49.7),
        (8192, 50.0, 50.7),
        (16384, 50.7, 51.2),
    ];
}
