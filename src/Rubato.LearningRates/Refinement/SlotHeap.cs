namespace Rubato.LearningRates.Refinement;

/// <summary>A binary heap of slots of a window, ordered by their values, that knows where every slot stands.</summary>
internal sealed class SlotHeap
{
    private readonly double[] _values;
    private readonly bool _largestFirst;
    private readonly int[] _slots;
    private readonly int[] _places;

    public SlotHeap(double[] values, bool largestFirst)
    {
        _values = values;
        _largestFirst = largestFirst;
        _slots = new int[values.Length];
        _places = new int[values.Length];
        Array.Fill(_places, -1);
    }

    public int Count { get; private set; }

    public int Top => _slots[0];

    public void Push(int slot)
    {
        Put(Count, slot);
        Up(Count++);
    }

    public int Pop()
    {
        var top = Top;
        _ = Remove(top);
        return top;
    }

    /// <summary>Takes out <paramref name="slot"/>; false when it is not here.</summary>
    public bool Remove(int slot)
    {
        var place = _places[slot];
        if (place < 0)
        {
            return false;
        }

        _places[slot] = -1;
        var moved = _slots[--Count];
        if (place < Count)
        {
            Put(place, moved);
            Up(place);
            Down(_places[moved]);
        }

        return true;
    }

    private void Up(int place)
    {
        var slot = _slots[place];
        for (; place > 0 && Before(slot, _slots[(place - 1) / 2]); place = (place - 1) / 2)
        {
            Put(place, _slots[(place - 1) / 2]);
        }

        Put(place, slot);
    }

    private void Down(int place)
    {
        var slot = _slots[place];
        while (2 * place + 1 < Count)
        {
            var child = 2 * place + 1;
            child = child + 1 < Count && Before(_slots[child + 1], _slots[child]) ? child + 1 : child;
            if (!Before(_slots[child], slot))
            {
                break;
            }

            Put(place, _slots[child]);
            place = child;
        }

        Put(place, slot);
    }

    private bool Before(int a, int b) => _largestFirst ? _values[a] > _values[b] : _values[a] < _values[b];

    private void Put(int place, int slot)
    {
        _slots[place] = slot;
        _places[slot] = place;
    }
}
