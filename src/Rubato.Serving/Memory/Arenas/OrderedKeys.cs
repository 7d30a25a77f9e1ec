using Rubato.Core;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>A set of 64-bit keys in order: a treap in one array, which allocates only when it holds more keys than ever before.</summary>
/// <remarks>Source: Seidel and Aragon, "Randomized search trees", 1996. The priorities are hashes of a counter: the same on every machine.</remarks>
internal sealed class OrderedKeys
{
    private const ulong PrioritySeed = 0x6B65_7973;

    /// <summary>Number 0 stands for no node.</summary>
    private Node[] _nodes = new Node[16];
    private int _root;
    private int _made;
    private int _recycled;
    private ulong _drawn;

    public void Add(ulong key)
    {
        var fresh = NewNode(key);
        var nodes = _nodes;
        var priority = nodes[fresh].Priority;
        ref var place = ref _root;
        while (place != 0 && nodes[place].Priority >= priority)
        {
            place = ref Child(ref nodes[place], key);
        }

        // What hangs here is split around the key and hangs below the new node.
        var rest = place;
        place = fresh;
        ref var less = ref nodes[fresh].Left;
        ref var more = ref nodes[fresh].Right;
        while (rest != 0)
        {
            ref var node = ref nodes[rest];
            if (node.Key < key)
            {
                less = rest;
                less = ref node.Right;
                rest = less;
            }
            else
            {
                more = rest;
                more = ref node.Left;
                rest = more;
            }
        }

        less = 0;
        more = 0;
    }

    /// <summary>Removes a key that is there.</summary>
    public void Remove(ulong key)
    {
        var nodes = _nodes;
        ref var place = ref _root;
        while (place != 0 && nodes[place].Key != key)
        {
            place = ref Child(ref nodes[place], key);
        }

        var gone = place;
        Check.Invariant(gone != 0, $"key {key} is not in the set");
        var (left, right) = (nodes[gone].Left, nodes[gone].Right);
        while (left != 0 && right != 0)
        {
            if (nodes[left].Priority >= nodes[right].Priority)
            {
                place = left;
                place = ref nodes[left].Right;
                left = place;
            }
            else
            {
                place = right;
                place = ref nodes[right].Left;
                right = place;
            }
        }

        place = left != 0 ? left : right;
        nodes[gone].Left = _recycled;
        _recycled = gone;
    }

    /// <summary>The smallest key that is at least <paramref name="bound"/>.</summary>
    public bool TryCeiling(ulong bound, out ulong key)
    {
        key = 0;
        var found = false;
        for (var at = _root; at != 0;)
        {
            ref var node = ref _nodes[at];
            if (node.Key < bound)
            {
                at = node.Right;
            }
            else
            {
                (key, found) = (node.Key, true);
                at = node.Left;
            }
        }

        return found;
    }

    /// <summary>The largest key.</summary>
    public bool TryMax(out ulong key)
    {
        key = 0;
        for (var at = _root; at != 0; at = _nodes[at].Right)
        {
            key = _nodes[at].Key;
        }

        return _root != 0;
    }

    private static ref int Child(ref Node node, ulong key) => ref key < node.Key ? ref node.Left : ref node.Right;

    private int NewNode(ulong key)
    {
        var index = _recycled;
        if (index != 0)
        {
            _recycled = _nodes[index].Left;
        }
        else
        {
            index = ++_made;
            if (index == _nodes.Length)
            {
                Array.Resize(ref _nodes, 2 * index);
            }
        }

        _nodes[index] = new() { Key = key, Priority = (uint)(Prng.Mix(PrioritySeed, _drawn++) >> 32) };
        return index;
    }

    private struct Node
    {
        public ulong Key;
        public int Left;
        public int Right;
        public uint Priority;
    }
}
