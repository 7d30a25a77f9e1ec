using Microsoft.Extensions.Hosting;
using Rubato.Hosting.OpenAi;

namespace Rubato.Hosting.Http;

/// <summary>Drains the engines before the web server closes: running streams finish, or break off when the drain time is over.</summary>
internal sealed class EngineLifetime(IModelDirectory models) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => models.DrainAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
