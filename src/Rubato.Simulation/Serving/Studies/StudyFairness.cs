namespace Rubato.Simulation.Serving.Studies;

/// <summary>How fairly clients were served, in service units: a prompt token is one, a generated token two.</summary>
/// <param name="MaxServiceGap">The most by which the service of two clients differed over any time in which both had requests waiting.</param>
/// <param name="Bound">What token counters guarantee: 2·max(longest prompt, 2 · tokens of the device).</param>
/// <param name="Jain">Jain's index of the service of clients; null without service.</param>
/// <param name="WorstClientP99Ttft">The 99th percentile of the time to the first token of the client for which it is largest, in seconds.</param>
/// <param name="MedianClientP99Ttft">The same of the median client.</param>
public sealed record StudyFairness(double MaxServiceGap, double Bound, double? Jain, double? WorstClientP99Ttft, double? MedianClientP99Ttft)
{
    /// <summary>The 99th percentile of the time to the first token of each client, where there are 64 clients at most; else empty.</summary>
    public IReadOnlyDictionary<string, double> ClientP99Ttft { get; init; } = new SortedDictionary<string, double>();
}
