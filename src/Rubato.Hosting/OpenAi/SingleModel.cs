using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Rubato.Hosting.Catalog;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi;

/// <summary>The directory of a server with one engine, which its program has made.</summary>
internal sealed class SingleModel(ServingEngine engine) : IModelDirectory
{
    private readonly ModelService _service = new(engine);

    public ImmutableArray<ModelService> Ready => [_service];

    public EngineState State => engine.Snapshot.State;

    public ValueTask<ModelService> FindAsync(string? name, CancellationToken stop)
    {
        CheckName(name ?? engine.Model.Name);
        return ValueTask.FromResult(_service);
    }

    public ImmutableArray<ModelListing> List() =>
        [new(engine.Model.Name, ModelStatus.Loaded, engine.Model.CreatedUnixSeconds) { ContextTokens = engine.Limits.SequenceTokensMax }];

    public Task LoadAsync(string name, CancellationToken stop)
    {
        CheckName(name);
        return Task.CompletedTask;
    }

    public Task UnloadAsync(string name)
    {
        CheckName(name);
        throw new OpenAiException(OpenAiError.BadRequest("This server has one model, which its program has made; it cannot be unloaded.", "model", "unsupported_parameter"));
    }

    public Task DrainAsync(CancellationToken stop) => engine.DrainAsync(stop);

    public bool Measures(Meter meter) => engine.Metrics.Meters.Contains(meter);

    private void CheckName(string name)
    {
        if (name != engine.Model.Name)
        {
            throw new OpenAiException(OpenAiError.ModelNotFound(name));
        }
    }
}
