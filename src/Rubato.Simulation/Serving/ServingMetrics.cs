using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Latencies and throughput of a simulated run.</summary>
internal sealed class ServingMetrics : ServingObserver
{
    private readonly Dictionary<RequestId, (Instant Admitted, Instant? LastToken)> _live = [];
    private readonly List<double> _ttft = [];
    private readonly List<double> _tbt = [];
    private readonly List<double> _latency = [];
    private Duration _busy;

    public int Offered { get; private set; }

    public Dictionary<AdmissionOutcome, int> Refused { get; } = [];

    public Dictionary<FinishReason, int> Finished { get; } = [];

    public long OutputTokens { get; private set; }

    public Instant End { get; private set; }

    public DistributionSummary? TimeToFirstToken => Percentiles.Of([.. _ttft]).Summarize();

    public DistributionSummary? TimeBetweenTokens => Percentiles.Of([.. _tbt]).Summarize();

    public DistributionSummary? Latency => Percentiles.Of([.. _latency]).Summarize();

    public double Utilisation => End > Instant.Zero ? _busy.Seconds / End.Seconds : 0;

    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        Offered++;
        if (outcome == AdmissionOutcome.Admitted)
        {
            _live.Add(request.Id, (now, null));
        }
        else
        {
            Refused[outcome] = Refused.GetValueOrDefault(outcome) + 1;
        }
    }

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        _busy += now - plan.PlannedAt;
        foreach (var token in completion.Emitted)
        {
            var (admitted, lastToken) = _live[token.Request];
            (lastToken is null ? _ttft : _tbt).Add((now - (lastToken ?? admitted)).Seconds);
            _live[token.Request] = (admitted, now);
            OutputTokens++;
        }

        foreach (var request in completion.Finished)
        {
            _live.Remove(request.Id, out var live);
            Finished[request.Reason] = Finished.GetValueOrDefault(request.Reason) + 1;
            if (request.Reason != FinishReason.Cancelled)
            {
                _latency.Add((now - live.Admitted).Seconds);
            }
        }
    }

    public override void Ended(Instant now) => End = now;
}
