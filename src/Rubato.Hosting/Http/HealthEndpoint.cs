using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;

namespace Rubato.Hosting.Http;

/// <summary>GET /health: 200 while the server takes requests, 503 otherwise.</summary>
internal sealed class HealthEndpoint(IModelDirectory models)
{
    public Task GetAsync(HttpContext context)
    {
        var state = models.State;
        context.Response.StatusCode = state == EngineState.Running ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var name = state switch
        {
            EngineState.Running => "ok",
            EngineState.Draining => "draining",
            EngineState.Stopped => "stopped",
            _ => "faulted",
        };
        var threads = models.Ready.FirstOrDefault()?.Engine.Threads is { } count ? $",\"threads\":{count}" : "";
        return context.Response.WriteAsync($$"""{"status":"{{name}}"{{threads}}}""", context.RequestAborted);
    }
}
