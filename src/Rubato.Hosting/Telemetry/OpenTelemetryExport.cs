using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Rubato.Hosting.Telemetry;

/// <summary>Sends metrics to a collector by OTLP, only when the standard environment variables name one.</summary>
internal static class OpenTelemetryExport
{
    private static readonly string[] EndpointVariables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Whether the environment names a collector.</summary>
    public static bool IsConfigured(Func<string, string?> environment) =>
        EndpointVariables.Any(name => !string.IsNullOrWhiteSpace(environment(name)))
        && !string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The standard variables as configuration, for a host that reads nothing else from the environment.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> StandardVariables() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith("OTEL_", StringComparison.Ordinal)
        select new KeyValuePair<string, string?>(name, variable.Value as string);

    public static void Add(IServiceCollection services) =>
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(GenAiInstruments.MeterName).AddOtlpExporter());
}
