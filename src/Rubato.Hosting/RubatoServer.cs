using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Hosting.Telemetry;

namespace Rubato.Hosting;

/// <summary>An OpenAI-compatible server in one object: build, start, wait, dispose.</summary>
/// <example><code>
/// var options = new ServerOptions();
/// options.Serving.ModelPath = "models/rubato-tiny.gguf";
/// await using var server = RubatoServer.Build(options);
/// await server.StartAsync();
/// await server.WaitForShutdownAsync();
/// </code></example>
public sealed class RubatoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RubatoServer(WebApplication app) => _app = app;

    /// <summary>Where the server listens, like <c>http://127.0.0.1:8080</c>; known after the start.</summary>
    public IReadOnlyList<string> Urls => [.. _app.Urls];

    /// <summary>The engines of the models that are loaded now, the first one first.</summary>
    public IReadOnlyList<ServingEngine> Engines => [.. _app.Services.GetRequiredService<IModelDirectory>().Ready.Select(model => model.Engine)];

    /// <summary>The engine of the model that was loaded first.</summary>
    /// <exception cref="InvalidOptionException">No model was loaded at the start.</exception>
    public ServingEngine Engine => _app.Services.GetRequiredService<ServingEngine>();

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Builds a server for the model file that the options name.</summary>
    /// <param name="options">What to serve and where.</param>
    /// <param name="configureLogging">Adds log sinks; null logs nothing.</param>
    /// <exception cref="RubatoException">The options or the model file break a rule.</exception>
    public static RubatoServer Build(ServerOptions options, Action<ILoggingBuilder>? configureLogging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ServerOptionsValidator.Validate(options);
        return Build(options, configureLogging, services => services.AddRubatoServing(options.Serving));
    }

    /// <summary>Builds a server around an engine that the caller makes; <see cref="ServingOptions.ModelPath"/> is not looked at.</summary>
    /// <param name="options">Where to listen, and what clients may do.</param>
    /// <param name="engine">Makes the engine; the server owns it.</param>
    /// <param name="time">The clock of pings and time-outs.</param>
    /// <param name="configureLogging">Adds log sinks; null logs nothing.</param>
    public static RubatoServer Build(
        ServerOptions options,
        Func<IServiceProvider, ServingEngine> engine,
        TimeProvider? time = null,
        Action<ILoggingBuilder>? configureLogging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ServerOptionsValidator.ValidateListening(options);
        return Build(options, configureLogging, services =>
        {
            services.TryAddSingleton(time ?? TimeProvider.System);
            services.AddRubatoServing(engine, options.Serving.Http);
        });
    }

    /// <summary>Starts to listen. The model is loaded by then.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new RubatoException($"The server cannot listen: {error.Message}", error);
        }
    }

    /// <summary>Waits until the process is asked to end (Ctrl+C, SIGTERM), then until running streams have finished or broken off.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Takes no new requests, lets running streams finish within the drain time, breaks off the rest, and closes.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static RubatoServer Build(ServerOptions options, Action<ILoggingBuilder>? configureLogging, Action<IServiceCollection> addServing)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(OpenTelemetryExport.StandardVariables());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        configureLogging?.Invoke(builder.Logging);
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(options.Serving.Engine.DrainSeconds + 5));

        // A flush ends when the system has the bytes: nothing piles up for a slow reader, and an error event goes out before a reset.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxWriteBufferSize = 1);
        builder.Services.AddRoutingCore();
        addServing(builder.Services);
        var app = builder.Build();
        try
        {
            app.UseRubatoGate();
            app.UseRouting();
            app.MapRubatoOpenAI();
            return new RubatoServer(app);
        }
        catch
        {
            app.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options)
    {
        var limits = options.Serving.Http.Limits;
        var rate = new MinDataRate(limits.DataRateMin, TimeSpan.FromSeconds(limits.DataRateGraceSeconds));
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = (long)limits.RequestBodyBytesMax * JsonBody.DiscardFactor;
        kestrel.Limits.MaxConcurrentConnections = limits.ConnectionsMax;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.RequestHeadersSeconds);
        kestrel.Limits.MinRequestBodyDataRate = rate;
        kestrel.Limits.MinResponseDataRate = rate;
        if (options.Address == "localhost")
        {
            kestrel.ListenLocalhost(options.Port);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(options.Address.Trim('[', ']')), options.Port);
        }
    }
}
