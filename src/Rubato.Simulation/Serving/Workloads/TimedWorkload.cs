using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Open loop: requests at given times, in order of their times.</summary>
internal sealed class TimedWorkload(IReadOnlyList<TimedRequest> requests) : IWorkload
{
    private readonly Dictionary<string, int> _clients = [];
    private IArrivals? _arrivals;

    public long? Requests => requests.Count;

    public void Begin(IArrivals arrivals)
    {
        _arrivals = arrivals;
        ScheduleNext(0);
    }

    public RequestScript? Issue(long arrival, Instant now)
    {
        ScheduleNext(arrival + 1);
        var asked = requests[(int)arrival];
        _clients.TryAdd(asked.Client, _clients.Count);
        var tokens = asked.Tokens ?? new GroupTokens(new(arrival), 0, 0);
        var request = new Request
        {
            Id = new(arrival),
            Client = asked.Client,
            PromptTokens = Prompt.Of(tokens, asked.InputTokens),
            OutputTokensMax = asked.OutputTokens,
        };
        return new(request, _clients[asked.Client], RequestScript.NoStopToken, null, null) { Tokens = tokens };
    }

    public void Answered(RequestScript script, AdmissionOutcome outcome, Instant now)
    {
    }

    public void Ended(RequestScript script, FinishedRequest finished, Instant now)
    {
    }

    private void ScheduleNext(long index)
    {
        if (index < requests.Count)
        {
            _arrivals!.Schedule(index, requests[(int)index].At);
        }
    }
}
