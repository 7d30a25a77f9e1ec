using Rubato.Core;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>From the measurements of single requests to the result of a load test.</summary>
internal static class LoadSummary
{
    private const int ErrorKindsMax = 10;

    public static LoadResult Of(LoadOptions options, string model, IReadOnlyList<StreamMeasurement> measurements, double seconds) => new()
    {
        Requests = measurements.Count,
        Errors = Errors(measurements),
        ThroughputTokensPerSecond = Throughput(measurements, seconds),
        PromptTokens = measurements.Sum(one => one.PromptTokens),
        CachedPromptTokens = measurements.Sum(one => one.CachedTokens),
        Ttft = FirstTokens(measurements),
        Tbt = Gaps(measurements),
        PerClient =
        [
            .. measurements.GroupBy(one => one.Client).OrderBy(group => Number(group.Key)).Select(group => OfClient(group.Key, [.. group], seconds)),
        ],
        ErrorMessages =
        [
            .. measurements.Where(one => one.Error is not null).GroupBy(one => one.Error!).OrderByDescending(group => group.Count())
                .Take(ErrorKindsMax).Select(group => new LoadError(group.Key, group.Count())),
        ],
        Seconds = seconds,
        Model = model,
        Settings = options,
    };

    private static ClientLoadResult OfClient(string client, StreamMeasurement[] own, double seconds) => new()
    {
        Client = client,
        Requests = own.Length,
        Errors = Errors(own),
        ThroughputTokensPerSecond = Throughput(own, seconds),
        Ttft = FirstTokens(own),
        Tbt = Gaps(own),
    };

    private static int Number(string client) =>
        int.Parse(client.AsSpan(client.LastIndexOf('-') + 1), System.Globalization.CultureInfo.InvariantCulture);

    private static long Errors(IEnumerable<StreamMeasurement> measurements) => measurements.LongCount(one => one.Error is not null);

    private static double Throughput(IEnumerable<StreamMeasurement> measurements, double seconds) =>
        seconds > 0 ? measurements.Sum(one => one.OutputTokens) / seconds : 0;

    private static LatencyPercentiles FirstTokens(IEnumerable<StreamMeasurement> measurements) =>
        Of([.. measurements.Where(one => one.FirstTokenSeconds is not null).Select(one => one.FirstTokenSeconds!.Value)]);

    private static LatencyPercentiles Gaps(IEnumerable<StreamMeasurement> measurements) => Of([.. measurements.SelectMany(one => one.GapSeconds)]);

    private static LatencyPercentiles Of(double[] samples)
    {
        var percentiles = Percentiles.Of(samples);
        return percentiles.Count == 0
            ? new LatencyPercentiles(null, null, null)
            : new LatencyPercentiles(percentiles.At(0.5), percentiles.At(0.95), percentiles.At(0.99));
    }
}
