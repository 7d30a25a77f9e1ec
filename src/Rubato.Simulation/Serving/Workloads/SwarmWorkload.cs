using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Independent requests, open loop (Poisson) or closed loop (every client waits for its answer and thinks).</summary>
internal sealed class SwarmWorkload(ServingParameters parameters, Prng prng) : IWorkload
{
    private readonly RequestSource _source = new(parameters, prng);
    private readonly Prng _gaps = prng.Split("arrivals");
    private IArrivals? _arrivals;
    private int _issued;

    public long? Requests => parameters.Workload.Requests;

    private bool ClosedLoop => parameters.Workload.ArrivalsPerSecond <= 0;

    public void Begin(IArrivals arrivals)
    {
        _arrivals = arrivals;
        for (var client = 0; client < (ClosedLoop ? parameters.Workload.Clients : 1); client++)
        {
            ScheduleArrival(client, Instant.Zero);
        }
    }

    public RequestScript? Issue(long arrival, Instant now)
    {
        if (_issued == parameters.Workload.Requests)
        {
            return null;
        }

        var asking = ClosedLoop ? (int)arrival : _issued % parameters.Workload.Clients;
        return _source.Draw(_issued++, asking);
    }

    public void Answered(RequestScript script, AdmissionOutcome outcome, Instant now)
    {
        if (!ClosedLoop || outcome != AdmissionOutcome.Admitted)
        {
            ScheduleArrival(ClosedLoop ? script.Client : 0, now);
        }
    }

    public void Ended(RequestScript script, FinishedRequest finished, Instant now)
    {
        if (ClosedLoop)
        {
            ScheduleArrival(script.Client, now);
        }
    }

    private void ScheduleArrival(int client, Instant now)
    {
        var mean = ClosedLoop ? parameters.Workload.ThinkSecondsMean : 1 / parameters.Workload.ArrivalsPerSecond;
        var gap = mean > 0 ? Duration.FromSeconds(_gaps.NextExponential(1 / mean)) : Duration.Zero;
        _arrivals!.Schedule(client, now + gap);
    }
}
