using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Telemetry;

namespace Rubato.Hosting;

/// <summary>The routes of the OpenAI-compatible API.</summary>
public static class RubatoEndpointExtensions
{
    /// <summary>
    /// Maps <c>/v1/models</c>, <c>/models</c> (with <c>/load</c> and <c>/unload</c>), <c>/v1/completions</c>, <c>/v1/chat/completions</c>, <c>/v1/responses</c>,
    /// <c>/v1/embeddings</c>, <c>/tokenize</c>, <c>/detokenize</c>, <c>/apply-template</c>, <c>/health</c> and <c>/metrics</c>. Each passes the gate (Host, Origin, key) also in an application that does
    /// not call <see cref="UseRubatoGate"/>.
    /// </summary>
    public static IEndpointRouteBuilder MapRubatoOpenAI(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        var pipeline = services.GetRequiredService<ServingPipeline>();
        var openAi = services.GetRequiredService<OpenAiEndpoints>();
        var models = services.GetRequiredService<ModelEndpoints>();
        _ = services.GetRequiredService<PrometheusExporter>();
        Map(endpoints, pipeline, "/v1/completions", HttpMethods.Post, openAi.CompleteAsync);
        Map(endpoints, pipeline, "/v1/chat/completions", HttpMethods.Post, openAi.ChatAsync);
        var tokens = services.GetRequiredService<TokenEndpoints>();
        Map(endpoints, pipeline, "/tokenize", HttpMethods.Post, tokens.TokenizeAsync);
        Map(endpoints, pipeline, "/detokenize", HttpMethods.Post, tokens.DetokenizeAsync);
        Map(endpoints, pipeline, "/apply-template", HttpMethods.Post, tokens.ApplyTemplateAsync);
        Map(endpoints, pipeline, "/v1/embeddings", HttpMethods.Post, services.GetRequiredService<EmbeddingsEndpoint>().EmbedAsync);
        var responses = services.GetRequiredService<ResponsesEndpoint>();
        Map(endpoints, pipeline, "/v1/responses", HttpMethods.Post, responses.CreateAsync);
        endpoints.Map("/v1/responses/{**id}", context => pipeline.InvokeAsync(context, responses.FindAsync));
        Map(endpoints, pipeline, "/v1/models", HttpMethods.Get, models.ListAsync);
        var life = services.GetRequiredService<ModelLifeEndpoints>();
        Map(endpoints, pipeline, "/models", HttpMethods.Get, models.ListAsync);
        Map(endpoints, pipeline, "/models/load", HttpMethods.Post, life.LoadAsync);
        Map(endpoints, pipeline, "/models/unload", HttpMethods.Post, life.UnloadAsync);
        Map(endpoints, pipeline, "/v1/models/{**id}", HttpMethods.Get, models.GetAsync);
        Map(endpoints, pipeline, "/health", HttpMethods.Get, services.GetRequiredService<HealthEndpoint>().GetAsync);
        Map(endpoints, pipeline, "/metrics", HttpMethods.Get, services.GetRequiredService<MetricsEndpoint>().GetAsync);
        endpoints.Map("/v1/{**rest}", context => pipeline.InvokeAsync(context, NotFound));
        return endpoints;
    }

    /// <summary>Puts the gate (Host, Origin, key) and the error shape before everything in the application, unknown routes included.</summary>
    public static IApplicationBuilder UseRubatoGate(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var pipeline = app.ApplicationServices.GetRequiredService<ServingPipeline>();
        return app.Use(next => context => pipeline.InvokeAsync(context, next));
    }

    private static void Map(IEndpointRouteBuilder endpoints, ServingPipeline pipeline, string pattern, string method, RequestDelegate handler)
    {
        endpoints.Map(pattern, context => pipeline.InvokeAsync(context, Checked));

        Task Checked(HttpContext context)
        {
            var asked = context.Request.Method;
            if (asked == method || (HttpMethods.IsHead(asked) && HttpMethods.IsGet(method)))
            {
                return handler(context);
            }

            context.Response.Headers.Allow = method;
            throw new OpenAiException(OpenAiError.MethodNotAllowed(asked, context.Request.Path));
        }
    }

    private static Task NotFound(HttpContext context) =>
        throw new OpenAiException(OpenAiError.RouteNotFound(context.Request.Method, context.Request.Path));
}
