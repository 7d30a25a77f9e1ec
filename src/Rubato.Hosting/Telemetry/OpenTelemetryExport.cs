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

    public static void Add(IServiceCollection services) =>
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(GenAiInstruments.MeterName).AddOtlpExporter());
}
