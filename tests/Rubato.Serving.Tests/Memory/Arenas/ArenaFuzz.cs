using System.Diagnostics;
using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Tests.Memory.Arenas;

/// <summary>Random owners on one arena, with a shadow that knows the owner of each block.</summary>
internal sealed class ArenaFuzz(IBlockAllocator arena, Prng prng)
{
    private const int Nobody = -1;
    private readonly int[] _ownerOf = [.. Enumerable.Repeat(Nobody, arena.Total)];
    private readonly Dictionary<int, List<int>> _tables = [];
    private readonly List<int> _live = [];
    private readonly List<BlockRun> _granted = [];
    private int _used;
    private int _owners;

    /// <summary>Of each operation, in units of <see cref="Stopwatch"/>.</summary>
    public List<long> Durations { get; } = [];

    public int Refusals { get; private set; }

    public void Run(int operations)
    {
        while (Durations.Count < operations)
        {
            Step();
            Assert.Equal(arena.Total, _used + arena.FreeBlocks + arena.SpareBlocks);
            Assert.InRange(arena.FreeBlocks, 0, arena.Total);
            Assert.InRange(arena.SpareBlocks, 0, arena.Total);
        }
    }

    /// <summary>Everything is given back in pieces, owners in any order.</summary>
    public void ReleaseAll()
    {
        while (_live.Count > 0)
        {
            Release(prng.NextInt32(_live.Count));
        }

        for (var block = 0; block < arena.Total; block++)
        {
            if (_ownerOf[block] != Nobody)
            {
                Free(block, 1);
            }
        }

        Assert.Equal((arena.Total, 0), (arena.FreeBlocks, arena.SpareBlocks));
    }

    private void Step()
    {
        var draw = prng.NextInt32(100);
        if (draw < 6 || _live.Count == 0)
        {
            _live.Add(_owners++);
            Allocate(_live.Count - 1, 1 + (int)Math.Min(220, prng.NextExponential(1 / 60.0)));
            return;
        }

        var place = prng.NextInt32(_live.Count);
        switch (draw)
        {
            case < 80:
                Allocate(place, prng.NextInt32(1, 4));
                break;
            case < 85:
                Timed(() => arena.Reserve(_live[place], prng.NextInt32(30)));
                break;
            case < 88:
                Timed(() => arena.Trim(_live[place]));
                break;
            case < 95:
                FreeAnything(prng.NextInt32(arena.Total));
                break;
            default:
                Release(place);
                break;
        }
    }

    private void Allocate(int place, int count)
    {
        var owner = _live[place];
        var (free, spare) = (arena.FreeBlocks, arena.SpareBlocks);
        _granted.Clear();
        var succeeded = false;
        Timed(() => succeeded = arena.TryAllocate(owner, count, _granted));
        Assert.Equal(free + spare >= count, succeeded);
        if (!succeeded)
        {
            Refusals++;
            Assert.Empty(_granted);
            Assert.Equal((free, spare), (arena.FreeBlocks, arena.SpareBlocks));
            Release(place);
            return;
        }

        if (!_tables.TryGetValue(owner, out var table))
        {
            _tables.Add(owner, table = []);
        }

        var before = table.Count;
        foreach (var run in _granted)
        {
            for (var block = run.Start; block < run.End; block++)
            {
                Assert.True(_ownerOf[block] == Nobody, $"block {block} of owner {_ownerOf[block]} was given to {owner}");
                _ownerOf[block] = owner;
                table.Add(block);
            }
        }

        Assert.Equal(count, table.Count - before);
        _used += count;
    }

    /// <summary>Used blocks from one on, whose ever they are.</summary>
    private void FreeAnything(int start)
    {
        var length = 0;
        var most = prng.NextInt32(1, 12);
        while (length < most && start + length < arena.Total && _ownerOf[start + length] != Nobody)
        {
            length++;
        }

        if (length > 0)
        {
            Free(start, length);
        }
    }

    private void Release(int place)
    {
        var owner = _live[place];
        _live[place] = _live[^1];
        _live.RemoveAt(_live.Count - 1);
        if (prng.Chance(1, 2))
        {
            Timed(() => arena.Trim(owner));
        }

        if (!_tables.Remove(owner, out var table))
        {
            return;
        }

        var pieces = prng.NextInt32(1, 40);
        for (var index = 0; index < table.Count;)
        {
            var start = table[index];
            var length = 0;
            while (index < table.Count && table[index] == start + length && _ownerOf[start + length] == owner && length < pieces)
            {
                length++;
                index++;
            }

            if (length > 0)
            {
                Free(start, length);
            }
            else
            {
                index++;
            }
        }
    }

    private void Free(int start, int length)
    {
        Array.Fill(_ownerOf, Nobody, start, length);
        _used -= length;
        Timed(() => arena.Free(new(start, length)));
    }

    private void Timed(Action operation)
    {
        var before = Stopwatch.GetTimestamp();
        operation();
        Durations.Add(Stopwatch.GetTimestamp() - before);
    }
}
