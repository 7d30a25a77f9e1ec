using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Tests.Memory.Arenas;

/// <summary>Block groups by the letter: the state of each block and a list of groups, searched from one end to the other for everything.</summary>
internal sealed class NaiveGroups(int total, GroupSizes sizes)
{
    private readonly State[] _blocks = new State[total];
    private readonly Dictionary<long, List<BlockGroup>> _owners = [];

    private enum State
    {
        Free,
        Spare,
        Used,
    }

    public int FreeBlocks => _blocks.Count(state => state == State.Free);

    public int SpareBlocks => _blocks.Count(state => state == State.Spare);

    public List<BlockGroup> GroupsOf(long owner) => _owners.GetValueOrDefault(owner, []);

    public bool IsUsed(int block) => block < total && _blocks[block] == State.Used;

    public List<BlockRun> FreeRuns()
    {
        var runs = new List<BlockRun>();
        for (var block = 0; block < total; block++)
        {
            if (_blocks[block] == State.Free)
            {
                var start = block;
                while (block < total && _blocks[block] == State.Free)
                {
                    block++;
                }

                runs.Add(new(start, block - start));
            }
        }

        return runs;
    }

    /// <summary>The blocks, one by one; null when there are too few.</summary>
    public List<int>? Allocate(long owner, int n)
    {
        if (n > FreeBlocks + SpareBlocks)
        {
            return null;
        }

        var given = new List<int>();
        var isFirst = !_owners.ContainsKey(owner);
        var groups = _owners.TryGetValue(owner, out var known) ? known : _owners[owner] = [];
        if (!isFirst)
        {
            Use(groups, Math.Min(n, groups[^1].Spare), given);
        }

        var target = Math.Max(n - given.Count, sizes.Least(isFirst, FreeBlocks, total));
        while (given.Count < n)
        {
            var free = FreeRuns();
            if (groups.Count > 0 && free.Any(run => run.Start == groups[^1].End))
            {
                var behind = free.Single(run => run.Start == groups[^1].End);
                var taken = Math.Min(target, behind.Count);
                Mark(behind.Start, taken, State.Spare);
                groups[^1] = groups[^1] with { Capacity = groups[^1].Capacity + taken };
                Use(groups, Math.Min(taken, n - given.Count), given);
            }
            else if (free.Count > 0)
            {
                var fitting = free.Where(run => run.Count >= target).ToList();
                var chosen = fitting.Count > 0 ? fitting.OrderBy(run => run.Count).ThenBy(run => run.Start).First()
                    : free.OrderByDescending(run => run.Count).ThenBy(run => run.Start).First();
                var taken = Math.Min(target, chosen.Count);
                Mark(chosen.Start, taken, State.Spare);
                groups.Add(new(chosen.Start, taken, 0));
                Use(groups, Math.Min(taken, n - given.Count), given);
            }
            else
            {
                Steal(groups, n - given.Count, given);
            }

            target = n - given.Count;
        }

        return given;
    }

    public void Free(int block)
    {
        _blocks[block] = State.Free;
        foreach (var (owner, groups) in _owners)
        {
            var index = groups.FindIndex(group => group.Start <= block && block < group.UsedEnd);
            if (index < 0)
            {
                continue;
            }

            var group = groups[index];
            groups.RemoveAt(index);
            if (block == group.UsedEnd - 1)
            {
                Mark(group.UsedEnd, group.Spare, State.Free);
            }
            else
            {
                groups.Insert(index, new(block + 1, group.End - block - 1, group.UsedEnd - block - 1));
            }

            if (block > group.Start)
            {
                groups.Insert(index, new(group.Start, block - group.Start, block - group.Start));
            }

            if (groups.Count == 0)
            {
                _owners.Remove(owner);
            }

            return;
        }
    }

    public void Reserve(long owner, int count)
    {
        if (_owners.TryGetValue(owner, out var groups))
        {
            while (groups[^1].Spare < count && groups[^1].End < total && _blocks[groups[^1].End] == State.Free)
            {
                _blocks[groups[^1].End] = State.Spare;
                groups[^1] = groups[^1] with { Capacity = groups[^1].Capacity + 1 };
            }
        }
    }

    public void Trim(long owner)
    {
        if (_owners.Remove(owner, out var groups))
        {
            groups.ForEach(group => Mark(group.UsedEnd, group.Spare, State.Free));
        }
    }

    private void Steal(List<BlockGroup> groups, int missing, List<int> given)
    {
        var victims = _owners.Values.Single(list => list.Contains(Victim()));
        var index = victims.IndexOf(Victim());
        var victim = victims[index];
        var taken = Math.Min(missing, (victim.Spare + 1) / 2);
        victims[index] = victim with { Capacity = victim.Capacity - taken };
        groups.Add(new(victim.End - taken, taken, 0));
        Use(groups, taken, given);
    }

    private BlockGroup Victim() => _owners.Values.SelectMany(list => list).OrderByDescending(group => group.Spare).ThenBy(group => group.Start).First();

    private void Use(List<BlockGroup> groups, int count, List<int> given)
    {
        given.AddRange(Enumerable.Range(groups[^1].UsedEnd, count));
        Mark(groups[^1].UsedEnd, count, State.Used);
        groups[^1] = groups[^1] with { Used = groups[^1].Used + count };
    }

    private void Mark(int start, int count, State state) => Array.Fill(_blocks, state, start, count);
}
