using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Rubato.Hosting.Catalog;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi;

/// <summary>The models of a server by name.</summary>
internal interface IModelDirectory
{
    /// <summary>The models that are ready to answer, the first one first.</summary>
    ImmutableArray<ModelService> Ready { get; }

    /// <summary>What the server as a whole does.</summary>
    EngineState State { get; }

    /// <summary>The model of that name, ready to answer; for null the first that is.</summary>
    /// <exception cref="OpenAiException">There is none, or it cannot be had now.</exception>
    ValueTask<ModelService> FindAsync(string? name, CancellationToken stop);

    /// <summary>All models, loaded or not.</summary>
    ImmutableArray<ModelListing> List();

    /// <summary>Loads a model; harmless when it is loaded.</summary>
    /// <exception cref="OpenAiException">There is none of that name, it is broken, or it does not fit.</exception>
    Task LoadAsync(string name, CancellationToken stop);

    /// <summary>Lets a model finish what it has within the drain time, and frees it.</summary>
    /// <exception cref="OpenAiException">It is not loaded.</exception>
    Task UnloadAsync(string name);

    /// <summary>Takes nothing new, and lets all models finish within the drain time.</summary>
    Task DrainAsync(CancellationToken stop);

    /// <summary>Whether a meter belongs to one of the engines.</summary>
    bool Measures(Meter meter);
}
