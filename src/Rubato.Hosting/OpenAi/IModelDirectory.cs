using System.Collections.Immutable;

namespace Rubato.Hosting.OpenAi;

/// <summary>The models of a server by name.</summary>
internal interface IModelDirectory
{
    /// <summary>The model of that name, ready to answer; for null the first that is.</summary>
    /// <exception cref="OpenAiException">There is none, or it cannot be had now.</exception>
    ValueTask<ModelService> FindAsync(string? name, CancellationToken stop);

    /// <summary>The models that are ready, the first one first.</summary>
    ImmutableArray<ModelService> Ready { get; }
}
