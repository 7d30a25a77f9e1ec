using System.Diagnostics.CodeAnalysis;

namespace Rubato.Models.Grammars.Automata;

/// <summary>Makes stacks and sees to it that equal ones are one object.</summary>
internal sealed class GrammarStacks(GrammarNode[] nodes)
{
    private readonly Dictionary<(bool, GrammarFrame[]), GrammarStack> _interned = new(new ContentComparer());
    private readonly Dictionary<(long, long), GrammarStack> _merged = [];
    private GrammarStack? _bottom;
    private long _nextId;

    public int Count => _interned.Count;

    /// <summary>The empty stack.</summary>
    public GrammarStack Bottom => _bottom ??= Intern(true, []);

    /// <summary>Puts a frame on top of each stack of the set.</summary>
    public GrammarStack Push(int node, int minLeft, int maxLeft, GrammarStack parent) => Intern(false, [new(node, minLeft, maxLeft, parent)]);

    /// <summary>The union of two sets.</summary>
    public GrammarStack Merge(GrammarStack a, GrammarStack b)
    {
        if (a == b)
        {
            return a;
        }

        var key = a.Id < b.Id ? (a.Id, b.Id) : (b.Id, a.Id);
        if (!_merged.TryGetValue(key, out var union))
        {
            union = Intern(a.HoldsEmpty || b.HoldsEmpty, MergeFrames(a.Frames, b.Frames));
            _merged.Add(key, union);
        }

        return union;
    }

    /// <summary>The same set with no count above <paramref name="most"/>: it behaves the same for that many steps.</summary>
    public GrammarStack Clamp(GrammarStack stack, int most)
    {
        if (stack.Counter <= most)
        {
            return stack;
        }

        GrammarStack? clamped = null;
        foreach (var frame in stack.Frames)
        {
            var maxLeft = frame.MaxLeft == GrammarStack.Unbounded ? frame.MaxLeft : Math.Min(frame.MaxLeft, most);
            var one = Push(frame.Node, Math.Min(frame.MinLeft, most), maxLeft, Clamp(frame.Parent, most));
            clamped = clamped is null ? one : Merge(clamped, one);
        }

        return stack.HoldsEmpty ? Merge(clamped!, Bottom) : clamped!;
    }

    private GrammarFrame[] MergeFrames(GrammarFrame[] a, GrammarFrame[] b)
    {
        var frames = new List<GrammarFrame>(a.Length + b.Length);
        var (i, j) = (0, 0);
        while (i < a.Length && j < b.Length)
        {
            var order = CompareTops(a[i], b[j]);
            frames.Add(order switch
            {
                < 0 => a[i++],
                > 0 => b[j++],
                _ => a[i] with { Parent = Merge(a[i++].Parent, b[j++].Parent) },
            });
        }

        frames.AddRange(a.AsSpan(i));
        frames.AddRange(b.AsSpan(j));
        return [.. frames];
    }

    private GrammarStack Intern(bool holdsEmpty, GrammarFrame[] frames)
    {
        if (_interned.TryGetValue((holdsEmpty, frames), out var known))
        {
            return known;
        }

        var (depth, counter) = (0, 0);
        foreach (var frame in frames)
        {
            depth = Math.Max(depth, frame.Parent.Depth + (nodes[frame.Node].Nests ? 1 : 0));
            counter = Math.Max(counter, Math.Max(frame.Parent.Counter, frame.MinLeft));
            counter = frame.MaxLeft == GrammarStack.Unbounded ? counter : Math.Max(counter, frame.MaxLeft);
        }

        var stack = new GrammarStack(_nextId++, holdsEmpty, frames, depth, counter);
        _interned.Add((holdsEmpty, frames), stack);
        return stack;
    }

    private static int CompareTops(in GrammarFrame a, in GrammarFrame b) => a.Node != b.Node ? a.Node.CompareTo(b.Node)
        : a.MinLeft != b.MinLeft ? a.MinLeft.CompareTo(b.MinLeft)
        : a.MaxLeft.CompareTo(b.MaxLeft);

    /// <summary>Frames by their fields; parents are interned already.</summary>
    private sealed class ContentComparer : IEqualityComparer<(bool HoldsEmpty, GrammarFrame[] Frames)>
    {
        public bool Equals((bool HoldsEmpty, GrammarFrame[] Frames) x, (bool HoldsEmpty, GrammarFrame[] Frames) y) =>
            x.HoldsEmpty == y.HoldsEmpty && x.Frames.AsSpan().SequenceEqual(y.Frames);

        public int GetHashCode([DisallowNull] (bool HoldsEmpty, GrammarFrame[] Frames) content)
        {
            var hash = new HashCode();
            hash.Add(content.HoldsEmpty);
            foreach (var frame in content.Frames)
            {
                hash.Add(frame.Node);
                hash.Add(frame.MinLeft);
                hash.Add(frame.MaxLeft);
                hash.Add(frame.Parent.Id);
            }

            return hash.ToHashCode();
        }
    }
}
