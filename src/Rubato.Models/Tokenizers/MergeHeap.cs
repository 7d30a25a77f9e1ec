using System.Numerics;

namespace Rubato.Models.Tokenizers;

/// <summary>A heap of 64-bit keys, smallest first, four children to a node. Holds its buffer for reuse.</summary>
internal sealed class MergeHeap
{
    private ulong[] _keys = new ulong[64];

    public int Count { get; private set; }

    /// <summary>Adds a key without putting it in order; <see cref="Order"/> must follow before anything is taken.</summary>
    public void AddUnordered(ulong key)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, (int)BitOperations.RoundUpToPowerOf2((uint)Count + 1));
        }

        _keys[Count++] = key;
    }

    public void Order()
    {
        for (var i = (Count - 2) / 4; i >= 0 && Count > 1; i--)
        {
            SiftDown(i, _keys[i]);
        }
    }

    public void Add(ulong key)
    {
        AddUnordered(key);
        var i = Count - 1;
        while (i > 0 && _keys[(i - 1) / 4] > key)
        {
            _keys[i] = _keys[(i - 1) / 4];
            i = (i - 1) / 4;
        }

        _keys[i] = key;
    }

    /// <summary>Takes the smallest key; the heap is not empty.</summary>
    public ulong Take()
    {
        var smallest = _keys[0];
        Count--;
        SiftDown(0, _keys[Count]);
        return smallest;
    }

    private void SiftDown(int i, ulong key)
    {
        var keys = _keys.AsSpan(0, Count);
        while (4 * i + 1 < keys.Length)
        {
            var best = 4 * i + 1;
            var end = Math.Min(best + 4, keys.Length);
            for (var child = best + 1; child < end; child++)
            {
                best = keys[child] < keys[best] ? child : best;
            }

            if (keys[best] >= key)
            {
                break;
            }

            keys[i] = keys[best];
            i = best;
        }

        if (i < keys.Length)
        {
            keys[i] = key;
        }
    }
}
