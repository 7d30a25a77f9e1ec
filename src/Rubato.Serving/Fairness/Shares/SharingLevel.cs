namespace Rubato.Serving.Fairness.Shares;

/// <summary>Members that share among each other: all clients, or the users of one client.</summary>
/// <remarks>
/// The order of a selection is lazy: a member's key only grows while a selection lasts, so a key that is out of date is noticed, and put
/// right, when it comes to the top.
/// </remarks>
internal sealed class SharingLevel<T>(int idleMax, Func<string, long, T> create)
    where T : Share
{
    private readonly PriorityQueue<T, ShareKey> _order = new();
    private T? _lastOut;

    public MemberDirectory<T> Members { get; } = new(idleMax, create);

    public bool HasOffer => _order.Count > 0;

    /// <summary>A request of the member arrives: a member that had none waiting is lifted to the level of those who have.</summary>
    /// <param name="member">Whose request it is.</param>
    /// <param name="slack">How far below that level it may stay.</param>
    public void Arrive(T member, double slack)
    {
        if (member.Queued == 0 && LevelOfTheWaiting() is { } level)
        {
            member.Counter = Math.Max(member.Counter, level - slack);
        }

        member.Queued++;
        Members.Enter(member);
    }

    /// <summary>One request of the member no longer waits.</summary>
    public void Dequeue(T member, bool counts)
    {
        member.Queued--;
        if (member.Queued == 0 && counts)
        {
            _lastOut = member;
        }
    }

    public void ClearOffers() => _order.Clear();

    public void Offer(T member, in ShareRule rule) => _order.Enqueue(member, rule.KeyOf(member));

    /// <summary>The member whose turn it is, by what it has received up to this moment.</summary>
    public T First(in ShareRule rule)
    {
        while (true)
        {
            _order.TryPeek(out var member, out var known);
            var key = rule.KeyOf(member!);
            if (key == known)
            {
                return member!;
            }

            _order.DequeueEnqueue(member!, key);
        }
    }

    public void RemoveFirst() => _order.Dequeue();

    private double? LevelOfTheWaiting()
    {
        var level = double.PositiveInfinity;
        var live = Members.Live;
        for (var i = 0; i < live.Count; i++)
        {
            if (live[i].Queued > 0)
            {
                level = Math.Min(level, live[i].Counter);
            }
        }

        return double.IsPositiveInfinity(level) ? _lastOut?.Counter : level;
    }
}
