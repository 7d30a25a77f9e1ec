namespace Rubato.Serving.Memory;

/// <summary>
/// What nobody holds, in the order in which it was let go, client by client. Memory is taken from the client that has most of it, its oldest first:
/// whoever floods the cache displaces what is its own.
/// </summary>
internal sealed class ClientShares<T>
{
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly List<Share> _inOrder = [];
    private Share? _largest;
    private int _second;

    public int Count { get; private set; }

    public void Add(string client, LinkedListNode<T> place)
    {
        if (!_shares.TryGetValue(client, out var share))
        {
            share = new();
            _shares.Add(client, share);
            _inOrder.Add(share);
        }

        share.Places.AddLast(place);
        Count++;
        _largest = null;
    }

    public void Remove(string client, LinkedListNode<T> place)
    {
        var share = _shares[client];
        share.Places.Remove(place);
        Count--;
        if (share.Places.Count == 0)
        {
            _shares.Remove(client);
            _inOrder.Remove(share);
            _largest = null;
        }
    }

    /// <summary>The oldest of the client that has most; the first client of several. There is one.</summary>
    public T Oldest()
    {
        if (_largest is null || _largest.Places.Count < _second || _largest.Places.Count == 0)
        {
            FindLargest();
        }

        return _largest!.Places.First!.Value;
    }

    private void FindLargest()
    {
        _largest = null;
        _second = 0;
        foreach (var share in _inOrder)
        {
            if (_largest is null || share.Places.Count > _largest.Places.Count)
            {
                _second = _largest?.Places.Count ?? 0;
                _largest = share;
            }
            else if (share.Places.Count > _second)
            {
                _second = share.Places.Count;
            }
        }
    }

    private sealed class Share
    {
        public LinkedList<T> Places { get; } = new();
    }
}
