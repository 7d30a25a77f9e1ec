using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Journal;

/// <summary>A scheduler that writes every call to a journal, from which a simulated world repeats the run.</summary>
/// <remarks>
/// Recording never harms serving: when the stream fails, recording stops, <see cref="Failure"/> says why, and the scheduler goes on.
/// </remarks>
public sealed class RecordingScheduler : IScheduler, IDisposable
{
    private readonly Scheduler _inner;
    private readonly Stream _stream;
    private JournalWriter? _writer;

    /// <summary>Starts a journal.</summary>
    /// <param name="inner">A scheduler that has not been given any input.</param>
    /// <param name="stream">Gets the journal; the caller's, who also decides on buffering.</param>
    public RecordingScheduler(Scheduler inner, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(stream);
        Check.Invariant(inner.Snapshot.Counters == default && inner.NextWakeup is null, $"recording starts in mid-run: {inner.Snapshot}");
        _inner = inner;
        _stream = stream;
        Record(() => _writer = new(stream, new(OptionsOf(inner.Limits))));
    }

    /// <summary>Why recording stopped; null while it goes on.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public SchedulerLimits Limits => _inner.Limits;

    /// <inheritdoc/>
    public Instant? NextWakeup => _inner.NextWakeup;

    /// <inheritdoc/>
    public SchedulerSnapshot Snapshot => _inner.Snapshot;

    /// <inheritdoc/>
    public AdmissionOutcome Admit(Request request, Instant now)
    {
        var outcome = _inner.Admit(request, now);
        Record(new AdmitEntry(now, request, outcome));
        return outcome;
    }

    /// <inheritdoc/>
    public bool Cancel(RequestId id, Instant now)
    {
        var wasAlive = _inner.Cancel(id, now);
        Record(new CancelEntry(now, id, wasAlive));
        return wasAlive;
    }

    /// <inheritdoc/>
    public StepPlan Plan(Instant now)
    {
        var plan = _inner.Plan(now);
        Record(new PlanEntry(now, PlanCodec.Encode(plan)));
        return plan;
    }

    /// <inheritdoc/>
    public StepCompletion Complete(StepPlan plan, StepResult result, Instant now)
    {
        var completion = _inner.Complete(plan, result, now);
        Record(new CompleteEntry(now, plan.Step, result.Tokens));
        return completion;
    }

    /// <inheritdoc/>
    public void TransferEnded(long ticket, TransferOutcome outcome, Instant now)
    {
        _inner.TransferEnded(ticket, outcome, now);
        Record(new TransferEndedEntry(now, ticket, outcome));
    }

    /// <inheritdoc/>
    public void Shutdown(ShutdownMode mode, Instant now)
    {
        _inner.Shutdown(mode, now);
        Record(new ShutdownEntry(now, mode));
    }

    /// <inheritdoc/>
    public ImmutableArray<SequenceSnapshot> CaptureSequences() => _inner.CaptureSequences();

    /// <summary>Ends the recording and flushes the stream.</summary>
    public void Dispose()
    {
        Record(_stream.Flush);
        _writer = null;
    }

    private void Record(JournalEntry entry)
    {
        if (_writer is { } writer)
        {
            Record(() => writer.Write(entry));
        }
    }

    private void Record(Action write)
    {
        try
        {
            write();
        }
        catch (Exception failure)
        {
            // Whatever the stream throws: a full disk is an IOException, a file-size limit is an ArgumentOutOfRangeException.
            Failure ??= failure;
            _writer = null;
        }
    }

    private static SchedulerOptions OptionsOf(SchedulerLimits limits) => new()
    {
        BlockTokens = limits.BlockTokens,
        KvBlocks = limits.KvBlocks,
        TokenBudgetPerStep = limits.TokenBudgetPerStep,
        RunningMax = limits.RunningMax,
        WaitingMax = limits.WaitingMax,
        ContextTokens = limits.ContextTokens,
        PrefixCaching = limits.PrefixCaching,
        Policy = limits.Policy,
        Fairness = limits.Fairness,
        Switching = limits.Switching,
    };
}
