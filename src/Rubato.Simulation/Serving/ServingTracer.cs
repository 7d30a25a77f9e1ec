using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Draws a run as a timeline: one line for the engine, one per request, counters of memory and queue.</summary>
public sealed class ServingTracer : ServingObserver
{
    private const int EngineProcess = 1;
    private const int RequestProcess = 2;
    private static readonly TraceTrack Engine = new(EngineProcess, 0);
    private readonly ITraceSink _sink;
    private readonly IScheduler _scheduler;

    /// <summary>Traces the run of <paramref name="scheduler"/> into <paramref name="sink"/>.</summary>
    public ServingTracer(ITraceSink sink, IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(scheduler);
        _sink = sink;
        _scheduler = scheduler;
        _sink.Write(new TraceTrackName(Engine, "engine", NamesProcess: true));
        _sink.Write(new TraceTrackName(Engine, "steps", NamesProcess: false));
        _sink.Write(new TraceTrackName(new(RequestProcess, 0), "requests", NamesProcess: true));
    }

    /// <inheritdoc/>
    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        ArgumentNullException.ThrowIfNull(request);
        _sink.Write(new TraceTrackName(TrackOf(request.Id), $"{request.Id} of {request.Client}", NamesProcess: false));
        _sink.Write(new TraceMark(TrackOf(request.Id), outcome.ToString(), now)
        {
            Arguments = [new("promptTokens", request.PromptTokens.Length)],
        });
    }

    /// <inheritdoc/>
    public override void Planned(StepPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var request in plan.Preempted)
        {
            _sink.Write(new TraceMark(TrackOf(request), "preempted", now));
        }
    }

    /// <inheritdoc/>
    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(completion);
        var duration = now - plan.PlannedAt;
        _sink.Write(new TraceSpan(Engine, "step", plan.PlannedAt, duration)
        {
            Arguments = [new("step", plan.Step), new("tokens", plan.TokenCount)],
        });
        foreach (var slice in plan.Slices)
        {
            _sink.Write(new TraceSpan(TrackOf(slice.Request), slice.Tokens.Length == 1 ? "decode" : "prefill", plan.PlannedAt, duration)
            {
                Arguments = [new("start", slice.Start), new("tokens", slice.Tokens.Length), new("blocks", slice.Blocks.Length)],
            });
        }

        foreach (var request in completion.Finished)
        {
            _sink.Write(new TraceMark(TrackOf(request.Id), request.Reason.ToString(), now)
            {
                Arguments = [new("outputTokens", request.OutputTokens)],
            });
        }

        var snapshot = _scheduler.Snapshot;
        var used = snapshot.TotalBlocks - snapshot.FreeBlocks;
        _sink.Write(new TraceCounter(Engine, "KV blocks", now, [new("used", used), new("free", snapshot.FreeBlocks)]));
        _sink.Write(new TraceCounter(Engine, "requests", now, [new("running", snapshot.Running), new("waiting", snapshot.Waiting)]));
    }

    private static TraceTrack TrackOf(RequestId id) => new(RequestProcess, (int)(id.Value % int.MaxValue) + 1);
}
