using Rubato.Core;

namespace Rubato.Serving.Fairness.Shares;

/// <summary>The members that have live requests, and the last ones that had: memory is bounded by the live requests and <paramref name="idleMax"/>.</summary>
/// <remarks>
/// Beyond <paramref name="idleMax"/> idle members the one that is idle the longest is forgotten. What it may gain by that when it comes back
/// is the service by which it was ahead of those that waited when it left, and no more: credit it had none, since whoever comes back is
/// lifted to the level of those who wait.
/// </remarks>
internal sealed class MemberDirectory<T>(int idleMax, Func<string, long, T> create)
    where T : Member
{
    private readonly Dictionary<string, T> _byName = new(StringComparer.Ordinal);
    private readonly List<T> _live = [];
    private Member? _longest;
    private Member? _shortest;
    private long _registered;

    /// <summary>The members with live requests, in no particular order.</summary>
    public IReadOnlyList<T> Live => _live;

    /// <summary>Remembered members, live and idle.</summary>
    public int Count => _byName.Count;

    public T? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The member of this name, known or new; it is not counted as live yet.</summary>
    public T FindOrAdd(string name)
    {
        if (!_byName.TryGetValue(name, out var member))
        {
            member = create(name, _registered++);
            _byName.Add(name, member);
            AppendIdle(member);
        }

        return member;
    }

    /// <summary>One more live request of a member.</summary>
    public void Enter(T member)
    {
        if (member.Live++ == 0)
        {
            RemoveIdle(member);
            member.LiveIndex = _live.Count;
            _live.Add(member);
        }
    }

    /// <summary>One live request less.</summary>
    public void Leave(T member)
    {
        Check.Invariant(member.Live > 0, $"'{member.Name}' has no live request");
        if (--member.Live > 0)
        {
            return;
        }

        var last = _live[^1];
        _live[member.LiveIndex] = last;
        last.LiveIndex = member.LiveIndex;
        _live.RemoveAt(_live.Count - 1);
        AppendIdle(member);
        while (_byName.Count - _live.Count > idleMax)
        {
            var forgotten = _longest!;
            RemoveIdle(forgotten);
            _byName.Remove(forgotten.Name);
        }
    }

    private void AppendIdle(Member member)
    {
        member.IdleLonger = _shortest;
        member.IdleShorter = null;
        if (_shortest is null)
        {
            _longest = member;
        }
        else
        {
            _shortest.IdleShorter = member;
        }

        _shortest = member;
    }

    private void RemoveIdle(Member member)
    {
        if (member.IdleLonger is null)
        {
            _longest = member.IdleShorter;
        }
        else
        {
            member.IdleLonger.IdleShorter = member.IdleShorter;
        }

        if (member.IdleShorter is null)
        {
            _shortest = member.IdleLonger;
        }
        else
        {
            member.IdleShorter.IdleLonger = member.IdleLonger;
        }

        member.IdleLonger = null;
        member.IdleShorter = null;
    }
}
