using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Fairness.Metering;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>Tells a <see cref="FairnessMeter"/> who waits, who is served, and how long tokens take.</summary>
internal sealed class FairnessObserver(FairnessMeter meter) : ServingObserver
{
    private readonly Dictionary<RequestId, Live> _live = [];

    /// <summary>The longest prompt so far.</summary>
    public int PromptTokensMax { get; private set; }

    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        if (outcome == AdmissionOutcome.Admitted)
        {
            _live.Add(request.Id, new(request.Client, request.PromptTokens.Length, now));
            PromptTokensMax = Math.Max(PromptTokensMax, request.PromptTokens.Length);
            meter.Queued(request.Client);
        }
    }

    public override void Planned(StepPlan plan, Instant now)
    {
        foreach (var request in plan.Preempted)
        {
            if (_live.TryGetValue(request, out var live) && !live.Waits)
            {
                live.Waits = true;
                meter.Queued(live.Client);
            }
        }

        foreach (var slice in plan.Slices)
        {
            StopWaiting(_live[slice.Request]);
        }
    }

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        foreach (var slice in plan.Slices)
        {
            var live = _live[slice.Request];
            var end = Math.Min(slice.Start + slice.Tokens.Length, live.PromptTokens);
            var computed = Math.Max(0, end - Math.Max(slice.Start, live.PromptTokensComputed));
            live.PromptTokensComputed = Math.Max(live.PromptTokensComputed, end);
            if (computed > 0)
            {
                meter.Served(live.Client, computed, 0, now);
            }
        }

        foreach (var token in completion.Emitted)
        {
            Emitted(_live[token.Request], now);
        }

        foreach (var finished in completion.Finished)
        {
            if (_live.Remove(finished.Id, out var live))
            {
                StopWaiting(live);
            }
        }
    }

    private void Emitted(Live live, Instant now)
    {
        meter.Served(live.Client, 0, 1, now);
        if (live.LastToken is { } last)
        {
            meter.NextToken(live.Client, now - last);
        }
        else
        {
            meter.FirstToken(live.Client, now - live.Admitted);
        }

        live.LastToken = now;
    }

    private void StopWaiting(Live live)
    {
        if (live.Waits)
        {
            live.Waits = false;
            meter.Dequeued(live.Client);
        }
    }

    private sealed class Live(string client, int promptTokens, Instant admitted)
    {
        public string Client => client;

        public int PromptTokens => promptTokens;

        public Instant Admitted => admitted;

        public bool Waits { get; set; } = true;

        public int PromptTokensComputed { get; set; }

        public Instant? LastToken { get; set; }
    }
}
