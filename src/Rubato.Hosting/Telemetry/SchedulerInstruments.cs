using System.Diagnostics.Metrics;
using Rubato.Hosting.Engine;
using Rubato.Serving;

namespace Rubato.Hosting.Telemetry;

/// <summary>What the scheduler's memory holds and what its switches cost, read when somebody asks.</summary>
internal sealed class SchedulerInstruments
{
    private const double NanosecondsPerSecond = 1e9;

    private readonly Meter _meter;
    private readonly Func<EngineSnapshot> _snapshot;
    private readonly KeyValuePair<string, object?> _model;

    public SchedulerInstruments(Meter meter, string model, Func<EngineSnapshot> snapshot)
    {
        _meter = meter;
        _snapshot = snapshot;
        _model = new("gen_ai.request.model", model);
        Gauge("rubato.requests.running", "{request}", "Requests that hold KV blocks.", state => state.Running);
        Gauge("rubato.requests.waiting", "{request}", "Requests that wait for KV blocks.", state => state.Waiting);
        Gauge("rubato.requests.swapped", "{request}", "Those of the waiting whose keys and values are in the swap arena.", state => state.Swapped);
        Gauge("rubato.swap_blocks.used", "{block}", "Swap blocks with a copy in them.", state => state.SwapUsedBlocks);
        Gauge("rubato.swap_blocks.idle", "{block}", "Those of them that no live request needs.", state => state.SwapIdleBlocks);
        Gauge("rubato.swap_blocks.limit", "{block}", "Blocks of the swap arena.", state => state.SwapTotalBlocks);
        Gauge("rubato.transfers.in_flight", "{transfer}", "Copies that were ordered and have not ended.", state => state.TransfersInFlight);
        Count("rubato.blocks.swapped_out", "{block}", "Blocks ordered out of the device.", counters => counters.BlocksOut);
        Count("rubato.blocks.swapped_in", "{block}", "Blocks ordered into the device.", counters => counters.BlocksIn);
        Count("rubato.preemptions", "{preemption}", "Times that a running sequence lost its blocks.", counters => counters.Preemptions);
        Count("rubato.resumes", "{resume}", "Times that a sequence came back from the swap arena.", counters => counters.Resumes);
        Count("rubato.swap_ins.lost", "{request}", "Sequences that could not be brought in and are computed again.", counters => counters.LostSwapIns);
        Count("rubato.transfers.failed", "{transfer}", "Copies that failed.", counters => counters.FailedTransfers);
        Count("rubato.transfers.conflicts", "{block}", "Blocks handed out while a copy still read them.", counters => counters.TransferConflicts);
        Count("rubato.switches.waited", "{switch}", "Switches for which the next step waited.", counters => counters.WaitedSwitches);
        Count("rubato.switches.overlapped", "{switch}", "Switches beside which steps went on.", counters => counters.OverlappedSwitches);
        meter.CreateObservableCounter(
            "rubato.stalled",
            () => new Measurement<double>(_snapshot().Scheduler.Counters.StalledNanoseconds / NanosecondsPerSecond, _model),
            "s",
            "Time in which requests lived and the scheduler waited for copies.");
    }

    private void Gauge(string name, string unit, string description, Func<SchedulerSnapshot, long> value) =>
        _meter.CreateObservableGauge(name, () => new Measurement<long>(value(_snapshot().Scheduler), _model), unit, description);

    private void Count(string name, string unit, string description, Func<SchedulerCounters, long> value) =>
        _meter.CreateObservableCounter(name, () => new Measurement<long>(value(_snapshot().Scheduler.Counters), _model), unit, description);
}
