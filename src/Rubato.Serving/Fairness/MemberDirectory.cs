using Rubato.Core;

namespace Rubato.Serving.Fairness;

/// <summary>The members that have live requests, and the last ones that had: memory is bounded by the live requests and <paramref name="idleMax"/>.</summary>
/// <remarks>
/// Beyond <paramref name="idleMax"/> idle members the one that is idle the longest is forgotten. That is safe because nobody keeps credit
/// while away: whoever comes back, known or forgotten, starts at the level of those who wait, at best. What a forgotten member gains is the
/// service by which it was ahead of them when it left, if they have not caught up meanwhile: at most what one batch held of it.
/// </remarks>
internal sealed class MemberDirectory<T>(int idleMax, Func<string, long, T> create)
    where T : Member
{
    private readonly Dictionary<string, T> _byName = new(StringComparer.Ordinal);
    private readonly List<T> _live = [];
    private Member? _longest;
    private Member? _shortest;
    private long _registered;

    /// <summary>All remembered members, live and idle, in no particular order.</summary>
    public IReadOnlyCollection<T> All => _byName.Values;

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
            ForgetBeyond(idleMax - 1);
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
        ForgetBeyond(idleMax);
    }

    private void ForgetBeyond(int idle)
    {
        while (_byName.Count - _live.Count > idle)
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
