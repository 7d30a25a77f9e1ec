using Rubato.Core;

namespace Rubato.LearningRates.Refinement;

/// <summary>The median of the last W values (W odd), O(log W) a value: a heap of the lower half, a heap of the upper, and removal from either by slot.</summary>
internal sealed class RunningMedian
{
    private readonly double[] _values;
    private readonly SlotHeap _lower;
    private readonly SlotHeap _upper;
    private int _next;
    private int _count;

    public RunningMedian(int width)
    {
        Check.Invariant(width % 2 == 1, $"width {width}");
        _values = new double[width];
        _lower = new(_values, largestFirst: true);
        _upper = new(_values, largestFirst: false);
    }

    /// <summary>The middle of the values in the window, of which there are W or fewer at the beginning.</summary>
    public double Median => _values[_lower.Top];

    public void Add(double value)
    {
        var slot = _next;
        _next = (_next + 1) % _values.Length;
        if (_count == _values.Length)
        {
            if (!_lower.Remove(slot))
            {
                _ = _upper.Remove(slot);
            }
        }
        else
        {
            _count++;
        }

        _values[slot] = value;
        (_lower.Count == 0 || value <= _values[_lower.Top] ? _lower : _upper).Push(slot);
        var wanted = (_count + 1) / 2;
        while (_lower.Count > wanted)
        {
            _upper.Push(_lower.Pop());
        }

        while (_lower.Count < wanted)
        {
            _lower.Push(_upper.Pop());
        }
    }
}
