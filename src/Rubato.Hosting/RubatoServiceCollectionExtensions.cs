using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Catalog;
using Rubato.Hosting.Chat;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Embeddings;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Security;
using Rubato.Hosting.Telemetry;

namespace Rubato.Hosting;

/// <summary>Registration of the serving engine, its HTTP API and its chat client.</summary>
public static class RubatoServiceCollectionExtensions
{
    /// <summary>Serves the GGUF model at <paramref name="modelPath"/>.</summary>
    public static IServiceCollection AddRubatoServing(this IServiceCollection services, string modelPath) =>
        services.AddRubatoServing(options => options.ModelPath = modelPath);

    /// <summary>Serves the model that the options name. Map the HTTP API with <c>MapRubatoOpenAI</c>, or ask for <see cref="IChatClient"/>.</summary>
    /// <exception cref="InvalidOptionException">The options break a rule.</exception>
    public static IServiceCollection AddRubatoServing(this IServiceCollection services, Action<ServingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ServingOptions();
        configure(options);
        return services.AddRubatoServing(options);
    }

    /// <summary>Serves the model that the options name.</summary>
    /// <exception cref="InvalidOptionException">The options break a rule.</exception>
    public static IServiceCollection AddRubatoServing(this IServiceCollection services, ServingOptions options)
    {
        ServingOptionsValidator.Validate(options);
        services.AddSingleton(provider => new ModelCatalog(options, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILoggerFactory>()));
        services.AddSingleton<IModelDirectory>(provider => provider.GetRequiredService<ModelCatalog>());
        return services.AddRubatoServing(
            provider => provider.GetRequiredService<ModelCatalog>().Ready.FirstOrDefault()?.Engine
                ?? throw new InvalidOptionException("No model is loaded yet, so there is no engine: name a model to load at the start."),
            options.Http);
    }

    /// <summary>Serves an engine that the caller builds; the container owns it.</summary>
    /// <exception cref="InvalidOptionException">The options break a rule.</exception>
    public static IServiceCollection AddRubatoServing(
        this IServiceCollection services, Func<IServiceProvider, ServingEngine> engine, ServingHttpOptions? http = null)
    {
        http ??= new ServingHttpOptions();
        ServingHttpOptionsValidator.Validate(http);
        services.AddLogging();
        services.AddRouting();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(engine);
        services.AddSingleton(http);
        services.AddSingleton<RequestGate>();
        services.AddSingleton<ServingPipeline>();
        services.AddSingleton(new RequestSlots(http.Limits.ConcurrentRequestsMax));
        services.AddSingleton(new ResponseIds(http.Seed));
        services.TryAddSingleton<IModelDirectory, SingleModel>();
        services.AddSingleton<OpenAiEndpoints>();
        services.AddSingleton<TokenEndpoints>();
        services.AddSingleton<EmbeddingsEndpoint>();
        services.AddSingleton<ResponsesEndpoint>();
        services.AddSingleton<ModelEndpoints>();
        services.AddSingleton<ModelLifeEndpoints>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<MetricsEndpoint>();
        services.AddSingleton(provider => new PrometheusExporter(provider.GetRequiredService<IModelDirectory>().Measures));
        services.AddSingleton<IChatClient>(provider => new RubatoChatClient(provider.GetRequiredService<ServingEngine>()));
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            provider => new RubatoEmbeddingGenerator(provider.GetRequiredService<ServingEngine>()));
        services.AddHostedService<EngineLifetime>();
        if (OpenTelemetryExport.IsConfigured(Environment.GetEnvironmentVariable))
        {
            OpenTelemetryExport.Add(services);
        }

        return services;
    }
}
