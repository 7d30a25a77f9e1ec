using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;
using Rubato.Kernels.Threading;

namespace Rubato.Hosting.Catalog;

/// <summary>The models of a server by name: those it was told of, and GGUF files in folders. Each loaded one has an engine of its own; all compute on the same threads.</summary>
/// <remarks>
/// Thread-safe. Loading happens aside; whoever asks for a model that is being loaded waits for that load. A model that is unloaded takes nothing new,
/// finishes what it has within the drain time, and is freed then.
/// </remarks>
internal sealed class ModelCatalog : IModelDirectory, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _listing = new();
    private readonly List<CatalogModel> _models = [];
    private readonly ServingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory? _logs;
    private readonly WorkerGang _gang;
    private bool _draining;
    private int _disposed;

    /// <summary>Makes the catalog and loads the first model that the options name, if they name one, and all others that they name.</summary>
    /// <exception cref="RubatoException">One of them cannot be loaded.</exception>
    public ModelCatalog(ServingOptions options, TimeProvider time, ILoggerFactory? logs)
    {
        _options = options;
        _time = time;
        _logs = logs;
        _gang = new WorkerGang(options.Threads == 0 ? null : options.Threads);
        try
        {
            foreach (var source in options.Sources)
            {
                var model = new CatalogModel(source.EffectiveName, source.Path);
                if (Find(model.Name) is not null)
                {
                    throw new InvalidOptionException($"Two models have the name '{model.Name}': give one of them another (--alias NAME=PATH).");
                }

                _models.Add(model);
                Reserve(model);
                model.Loading = Task.FromResult(Load(model));
            }
        }
        catch
        {
            DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    public ImmutableArray<ModelService> Ready
    {
        get
        {
            lock (_lock)
            {
                return [.. _models.Select(model => model.Service).OfType<ModelService>()];
            }
        }
    }

    public EngineState State
    {
        get
        {
            var states = Ready.Select(model => model.Engine.Snapshot.State).ToArray();
            return states.Contains(EngineState.Faulted) ? EngineState.Faulted
                : Volatile.Read(ref _draining) ? EngineState.Draining
                : EngineState.Running;
        }
    }

    public bool Measures(Meter meter) => ReferenceEquals(meter.Scope, this);

    public async ValueTask<ModelService> FindAsync(string? name, CancellationToken stop)
    {
        if (name is null)
        {
            return Ready.FirstOrDefault() ?? throw new OpenAiException(
                OpenAiError.BadRequest("No model is loaded; name one in 'model'.", "model", "missing_required_parameter"));
        }

        var model = Locate(name);
        Task<ModelService> loading;
        lock (_lock)
        {
            if (model.Service is { } service)
            {
                return service;
            }

            if (model.Status == ModelStatus.Unloaded && !_options.LoadsOnDemand)
            {
                throw new OpenAiException(OpenAiError.BadRequest(
                    $"The model '{name}' is not loaded: POST /models/load first, or start the server with --auto-load.", "model", "model_not_loaded"));
            }

            loading = Begin(model);
        }

        return await loading.WaitAsync(stop).ConfigureAwait(false);
    }

    public ImmutableArray<ModelListing> List()
    {
        lock (_listing)
        {
            Scan();
            CatalogModel[] models;
            lock (_lock)
            {
                models = [.. _models];
            }

            // Reads the headers of files that are new; nobody who asks for an answer waits for that.
            return [.. models.Select(model => model.List())];
        }
    }

    public async Task LoadAsync(string name, CancellationToken stop)
    {
        var model = Locate(name);
        Task<ModelService> loading;
        lock (_lock)
        {
            loading = Begin(model);
        }

        await loading.WaitAsync(stop).ConfigureAwait(false);
    }

    public async Task UnloadAsync(string name)
    {
        var model = Locate(name);
        ModelService service;
        lock (_lock)
        {
            service = model.Service ?? throw new OpenAiException(OpenAiError.BadRequest($"The model '{name}' is not loaded.", "model", "model_not_loaded"));
            model.Status = ModelStatus.Unloading;
            model.Service = null;
        }

        await service.Engine.DrainAsync().ConfigureAwait(false);
        await FreeAsync(model, service).ConfigureAwait(false);
    }

    public async Task DrainAsync(CancellationToken stop)
    {
        Volatile.Write(ref _draining, true);
        await Task.WhenAll(Ready.Select(model => model.Engine.DrainAsync(stop))).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _draining, true);
        Task[] loads;
        lock (_lock)
        {
            loads = [.. _models.Select(model => model.Loading).OfType<Task>()];
        }

        await Task.WhenAll(loads).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        foreach (var model in _models)
        {
            if (model.Service is { } service)
            {
                model.Service = null;
                await FreeAsync(model, service).ConfigureAwait(false);
            }
        }

        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _gang.Dispose();
        }
    }

    private async Task FreeAsync(CatalogModel model, ModelService service)
    {
        await service.Engine.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            model.Model?.Dispose();
            (model.Model, model.Loading, model.MemoryBytes, model.Status) = (null, null, 0, ModelStatus.Unloaded);
        }
    }

    /// <summary>The load of a model: the one that runs, or a new one.</summary>
    private Task<ModelService> Begin(CatalogModel model)
    {
        if (_draining)
        {
            throw new OpenAiException(OpenAiError.ShuttingDown());
        }

        if (model.Status == ModelStatus.Unloading)
        {
            throw new OpenAiException(OpenAiError.Unloading(model.Name, _options.Http.Limits.RetryAfterSeconds));
        }

        if (model.Loading is { IsFaulted: false } running)
        {
            return running;
        }

        try
        {
            Reserve(model);
        }
        catch (InvalidOptionException error)
        {
            throw new OpenAiException(OpenAiError.NotNow(error.Message, "insufficient_memory", null));
        }
        catch (RubatoException error)
        {
            model.LoadError = ErrorTexts.WithoutPaths(error, model.Path);
            throw new OpenAiException(OpenAiError.BadRequest(ErrorTexts.WithoutPaths(error, model.Path), "model", "model_load_failed"));
        }

        model.Status = ModelStatus.Loading;
        return model.Loading = Task.Run(() => LoadOrFail(model));
    }

    private ModelService LoadOrFail(CatalogModel model)
    {
        try
        {
            return Load(model);
        }
        catch (Exception error)
        {
            lock (_lock)
            {
                (model.Status, model.LoadError, model.MemoryBytes) = (ModelStatus.Unloaded, ErrorTexts.WithoutPaths(error, model.Path), 0);
            }

            if (error is RubatoException)
            {
                throw new OpenAiException(OpenAiError.BadRequest(ErrorTexts.WithoutPaths(error, model.Path), "model", "model_load_failed"));
            }

            throw;
        }
    }

    private ModelService Load(CatalogModel model)
    {
        var options = _options.For(model.Name, model.Path);
        var loaded = ModelLoader.Load(options, _logs, _gang);
        try
        {
            var service = new ModelService(ModelLoader.CreateEngine(loaded, options, _time, _logs, scope: this));
            lock (_lock)
            {
                (model.Model, model.Service, model.Status, model.LoadError) = (loaded, service, ModelStatus.Loaded, null);
            }

            return service;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Keeps memory for a model, or says that there is not enough.</summary>
    /// <exception cref="InvalidOptionException">It does not fit beside the others.</exception>
    /// <exception cref="RubatoException">The file cannot be used.</exception>
    private void Reserve(CatalogModel model)
    {
        var bytes = ModelLoader.EstimateBytes(_options.For(model.Name, model.Path));
        var limit = _options.MemoryBytesMax ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var used = _models.Sum(other => other.MemoryBytes);
        if (used + bytes > limit)
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture,
                $"The model '{model.Name}' takes {Mebibytes(bytes)} MiB (weights, keys and values), and {Mebibytes(Math.Max(0, limit - used))} of {Mebibytes(limit)} MiB are free: unload another model, or lower --kv-memory."));
        }

        model.MemoryBytes = bytes;
    }

    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    private CatalogModel? Find(string name) => _models.Find(model => model.Name == name);

    /// <summary>The model of that name; folders are looked at again for a name that is not known.</summary>
    /// <exception cref="OpenAiException">There is none.</exception>
    private CatalogModel Locate(string name)
    {
        lock (_lock)
        {
            if (Find(name) is { } known)
            {
                return known;
            }
        }

        Scan();
        lock (_lock)
        {
            return Find(name) ?? throw new OpenAiException(OpenAiError.ModelNotFound(name));
        }
    }

    /// <summary>Adds what is new in the folders, and drops what is gone. A name that is taken gets its folder before it.</summary>
    private void Scan()
    {
        if (_options.ModelFolders.Count == 0)
        {
            return;
        }

        var found = _options.ModelFolders.SelectMany(ModelFolder.Find).Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        var named = _options.Sources.Select(source => Path.GetFullPath(source.Path)).ToHashSet(StringComparer.Ordinal);
        lock (_lock)
        {
            Merge(found, named);
        }
    }

    private void Merge(HashSet<string> found, HashSet<string> named)
    {
        _models.RemoveAll(model => model.Status == ModelStatus.Unloaded && !found.Contains(model.Path) && !named.Contains(Path.GetFullPath(model.Path)));
        var known = _models.Select(model => Path.GetFullPath(model.Path)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in found.Where(path => !known.Contains(path)).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            for (var folder = Path.GetDirectoryName(path); Find(name) is not null && folder is not null; folder = Path.GetDirectoryName(folder))
            {
                name = $"{Path.GetFileName(folder)}/{name}";
            }

            if (Find(name) is null)
            {
                _models.Add(new CatalogModel(name, path));
            }
        }
    }
}
