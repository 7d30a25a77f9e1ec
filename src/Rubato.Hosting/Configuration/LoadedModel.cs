using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Transfers;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Serving;

namespace Rubato.Hosting.Configuration;

/// <summary>A model file in memory with all that runs it. Dispose it after the engine that uses it.</summary>
public sealed class LoadedModel : IDisposable
{
    private readonly DecoderModel _weights;
    private readonly WorkerGang _gang;
    private readonly bool _ownsGang;
    private readonly KvCache _cache;
    private readonly CpuExecutor _executor;

    internal LoadedModel(DecoderModel weights, ServedModel served, SchedulerOptions scheduler, ServingOptions options, WorkerGang? shared)
    {
        _weights = weights;
        Served = served;
        SchedulerOptions = scheduler;
        _cache = new KvCache(weights.Configuration, scheduler.BlockTokens, scheduler.KvBlocks, options.KeyValues);
        _ownsGang = shared is null;
        _gang = shared ?? new WorkerGang(options.Threads == 0 ? null : options.Threads);
        _executor = new CpuExecutor(weights, _cache, _gang);
        _executor.Reserve(scheduler.TokenBudgetPerStep, scheduler.RunningMax);
    }

    /// <summary>The model as clients see it.</summary>
    public ServedModel Served { get; }

    /// <summary>Runs plans; not thread-safe.</summary>
    public IStepExecutor Executor => _executor;

    /// <summary>The scheduler's options, with the context length that the model has.</summary>
    public SchedulerOptions SchedulerOptions { get; }

    /// <summary>Threads that compute; models of one server share them.</summary>
    public int Threads => _gang.Workers;

    /// <summary>Bytes of the KV pool when every block is in use.</summary>
    public long KvBytes => _cache.BytesPerBlock * _cache.Blocks;

    /// <summary>Opens the swap tier that the options name, for the blocks of this model.</summary>
    internal TransferEngine OpenSwap(ServingOptions options, ILoggerFactory? logs)
    {
        // As many blocks as the scheduler was told, whatever the tier rounds its size to.
        var swap = options.Swap with { Bytes = _cache.Geometry.BlockBytes * SchedulerOptions.Switching.SwapBlocks };
        ILogger log = logs?.CreateLogger("Rubato.Swap") ?? NullLogger.Instance;
        return SwapTier.Open(swap, _cache.Region, _cache.Geometry, new() { Verifies = options.VerifiesSwap }, log);
    }

    /// <summary>Frees the KV pool, stops the threads if they are its own, unmaps the file.</summary>
    public void Dispose()
    {
        _executor.Dispose();
        _cache.Dispose();
        if (_ownsGang)
        {
            _gang.Dispose();
        }

        _weights.Dispose();
    }
}
