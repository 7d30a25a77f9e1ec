using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>By the request's own priority, lower first, then residents, then arrival. A more urgent request displaces a less urgent one.</summary>
internal sealed class StaticPriorityPolicy : IServicePolicy
{
    private readonly Offers _offers = new();

    public string Name => "static";

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        _offers.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            _offers.Add(live[i], live[i].Priority);
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
