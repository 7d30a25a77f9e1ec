using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>In order of arrival; whoever is resident stays so.</summary>
internal sealed class FirstComeFirstServedPolicy : IServicePolicy
{
    private readonly Offers _offers = new();

    public string Name => "fcfs";

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        _offers.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            _offers.Add(live[i], rank: 0);
        }
    }

    public IScheduledSequence? Next() => _offers.Next();

    public void Take(IScheduledSequence sequence)
    {
    }

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
    {
    }

    public void Left(IScheduledSequence sequence, Instant now)
    {
    }
}
