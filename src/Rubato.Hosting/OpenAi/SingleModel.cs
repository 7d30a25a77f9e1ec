using System.Collections.Immutable;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi;

/// <summary>The directory of a server with one engine.</summary>
internal sealed class SingleModel(ServingEngine engine) : IModelDirectory
{
    private readonly ModelService _service = new(engine);

    public ImmutableArray<ModelService> Ready => [_service];

    public ValueTask<ModelService> FindAsync(string? name, CancellationToken stop) => name is null || name == engine.Model.Name
        ? ValueTask.FromResult(_service)
        : throw new OpenAiException(OpenAiError.ModelNotFound(name));
}
