using Microsoft.Extensions.Hosting;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.Http;

/// <summary>Drains the engine before the web server closes: running streams finish, or break off when the drain time is over.</summary>
internal sealed class EngineLifetime(ServingEngine engine) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => engine.DrainAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
