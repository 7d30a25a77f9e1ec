using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Telemetry;

namespace Rubato.Hosting.Http;

/// <summary>GET /metrics in Prometheus' text format.</summary>
internal sealed class MetricsEndpoint(PrometheusExporter exporter)
{
    public Task GetAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(exporter.Export(), context.RequestAborted);
    }
}
