using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>What switching between requests costs their users: latencies, stalls, blocks moved.</summary>
internal sealed class SwitchingMetrics(long blockBytes, int planes) : ServingObserver
{
    private readonly Dictionary<RequestId, Live> _live = [];
    private readonly Dictionary<long, TransferDirection> _orders = [];
    private readonly List<double> _ttft = [];
    private readonly List<double> _tbt = [];
    private readonly List<double> _tbtScheduled = [];
    private long _steps;
    private Duration _stalled;
    private long _bytesOut;
    private long _bytesIn;
    private long _copies;

    public long Requests { get; private set; }

    public long Refused { get; private set; }

    public long OutputTokens { get; private set; }

    public long Transfers { get; private set; }

    public long FailedTransfers { get; private set; }

    public Duration Busy { get; private set; }

    public Instant End { get; private set; }

    public long Steps => _steps;

    public long BlocksOut => _bytesOut / blockBytes;

    public long BlocksIn => _bytesIn / blockBytes;

    /// <summary>n / R over all copies that were made; 0 when there were none.</summary>
    public double MeanRunBlocks => _copies == 0 ? 0 : (double)(_bytesOut + _bytesIn) / blockBytes / ((double)_copies / planes);

    public double StalledShare => End > Instant.Zero ? _stalled.Seconds / End.Seconds : 0;

    public LatencySummary? Ttft => LatencySummary.Of(_ttft);

    public LatencySummary? Tbt => LatencySummary.Of(_tbt);

    public LatencySummary? TbtScheduled => LatencySummary.Of(_tbtScheduled);

    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        Requests++;
        if (outcome == AdmissionOutcome.Admitted)
        {
            _live.Add(request.Id, new(now));
        }
        else
        {
            Refused++;
        }
    }

    public override void Planned(StepPlan plan, Instant now)
    {
        foreach (var order in plan.Transfers)
        {
            _orders.Add(order.Ticket, order.Direction);
        }
    }

    public override void TransferEnded(EndedTransfer transfer, Instant now)
    {
        Transfers++;
        _orders.Remove(transfer.Ticket, out var direction);
        _copies += transfer.Copies;
        FailedTransfers += transfer.Outcome == TransferOutcome.Failed ? 1 : 0;
        if (direction == TransferDirection.Out)
        {
            _bytesOut += transfer.Bytes;
        }
        else
        {
            _bytesIn += transfer.Bytes;
        }
    }

    public override void Stalled(Duration span, Instant now) => _stalled += span;

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        _steps += plan.Slices.IsEmpty ? 0 : 1;
        Busy += now - plan.PlannedAt;
        foreach (var token in completion.Emitted)
        {
            Emitted(_live[token.Request], now);
        }

        foreach (var request in completion.Finished)
        {
            _live.Remove(request.Id);
        }
    }

    public override void Ended(Instant now) => End = now;

    private void Emitted(Live request, Instant now)
    {
        OutputTokens++;
        if (request.LastToken is { } last)
        {
            var gap = (now - last).Seconds;
            _tbt.Add(gap);
            if (request.LastStep == _steps - 1)
            {
                _tbtScheduled.Add(gap);
            }
        }
        else
        {
            _ttft.Add((now - request.Admitted).Seconds);
        }

        request.LastToken = now;
        request.LastStep = _steps;
    }

    private sealed class Live(Instant admitted)
    {
        public Instant Admitted => admitted;

        public Instant? LastToken { get; set; }

        public long LastStep { get; set; }
    }
}
