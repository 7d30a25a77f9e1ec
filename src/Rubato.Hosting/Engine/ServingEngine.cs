using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Telemetry;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>A live engine: one thread of its own steps a <see cref="Scheduler"/> with the real clock and a step executor.</summary>
/// <remarks>
/// Thread-safe. A failing step ends the generations that took part in it with <see cref="GenerationFailedException"/>; the engine goes on.
/// </remarks>
public sealed class ServingEngine : IAsyncDisposable
{
    private readonly EngineLoop _loop;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ImmutableArray<IDisposable> _owned;
    private int _draining;
    private int _disposed;

    /// <summary>Starts the engine thread.</summary>
    /// <param name="model">What is served.</param>
    /// <param name="executor">Runs the plans; called from the engine thread only.</param>
    /// <param name="settings">Scheduler, limits, clock, recording.</param>
    /// <exception cref="InvalidOptionException">A limit is out of its range.</exception>
    public ServingEngine(ServedModel model, IStepExecutor executor, ServingEngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(settings);
        if (OptionRanges.FindErrors(settings.Engine).FirstOrDefault() is { } error)
        {
            throw new InvalidOptionException(error);
        }

        Model = model;
        _options = settings.Engine;
        _time = settings.Time;
        _owned = settings.Transfers is { } transfers ? [transfers, .. settings.Owned] : settings.Owned;
        Threads = settings.Threads;
        Metrics = new ServingMetrics(model.Name, () => Snapshot, settings.MetricsScope);
        var clock = new EngineClock(_time);
        var scheduler = settings.Scheduler;
        Limits = scheduler.Limits;
        ILogger log = settings.Logs?.CreateLogger("Rubato.Engine") ?? NullLogger.Instance;
        _loop = new EngineLoop(scheduler, executor, model.Tokenizer, clock, Metrics, log, settings.Transfers);
        new Thread(Run) { Name = "Rubato engine", IsBackground = true }.Start();
    }

    /// <summary>What is served.</summary>
    public ServedModel Model { get; }

    /// <summary>The limits of the scheduler.</summary>
    public SchedulerLimits Limits { get; }

    /// <summary>Threads that the executor computes with; null when it does not say.</summary>
    public int? Threads { get; }

    /// <summary>The state after the last step.</summary>
    public EngineSnapshot Snapshot => _loop.Snapshot;

    internal EngineOptions Options => _options;

    internal ServingMetrics Metrics { get; }

    internal TimeProvider Time => _time;

    /// <summary>Submits sequences that belong together; all are admitted, or none is. Answers between two steps.</summary>
    /// <exception cref="ArgumentException">No sequence, or more than <see cref="EngineOptions.SequencesPerSubmissionMax"/>.</exception>
    /// <exception cref="EngineFaultedException">The engine has failed for good.</exception>
    public async Task<Submission> SubmitAsync(ImmutableArray<GenerationRequest> requests, CancellationToken cancellationToken = default)
    {
        if (requests.IsDefaultOrEmpty || requests.Length > _options.SequencesPerSubmissionMax)
        {
            throw new ArgumentException($"A submission has 1 to {_options.SequencesPerSubmissionMax} sequences.", nameof(requests));
        }

        var answer = new TaskCompletionSource<Submission>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_loop.Post(new EngineCommand.Submit(requests, answer)))
        {
            return Snapshot.State == EngineState.Faulted ? throw new EngineFaultedException() : new Submission(AdmissionOutcome.ShuttingDown, null);
        }

        try
        {
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = CancelWhenAnsweredAsync(answer.Task);
            throw;
        }
    }

    /// <summary>Submits one sequence.</summary>
    public Task<Submission> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken = default) =>
        SubmitAsync([request], cancellationToken);

    /// <summary>Takes nothing new, lets running generations go on for the drain time, then breaks the rest off, and ends the thread.</summary>
    /// <param name="cancellationToken">Ends the drain time at once.</param>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _draining, 1) == 0)
        {
            _loop.Post(new EngineCommand.Drain());
        }

        try
        {
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(_options.DrainSeconds), _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Breaks off what still runs and ends the thread after its current step.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        Metrics.Dispose();
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            foreach (var owned in _owned)
            {
                owned.Dispose();
            }
        }
    }

    private Task StopAsync()
    {
        _loop.Post(new EngineCommand.Stop());
        return _ended.Task;
    }

    private void Run()
    {
        _loop.Run();
        _ended.SetResult();
    }

    private static async Task CancelWhenAnsweredAsync(Task<Submission> answer)
    {
        var submission = await answer.ConfigureAwait(false);
        submission.Generation?.Cancel();
    }
}
