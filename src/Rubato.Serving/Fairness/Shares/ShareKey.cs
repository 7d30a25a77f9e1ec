namespace Rubato.Serving.Fairness.Shares;

/// <summary>Where a member stands in a selection: by class, counter, entitlement, registration. A total order within a level.</summary>
internal readonly record struct ShareKey(int Class, double Counter, bool Entitled, long Registered) : IComparable<ShareKey>
{
    public int CompareTo(ShareKey other)
    {
        if (Class != other.Class)
        {
            return Class.CompareTo(other.Class);
        }

        var byCounter = Counter.CompareTo(other.Counter);
        if (byCounter != 0)
        {
            return byCounter;
        }

        return Entitled != other.Entitled ? other.Entitled.CompareTo(Entitled) : Registered.CompareTo(other.Registered);
    }
}
