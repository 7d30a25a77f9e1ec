using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>Gathers the hidden states of one sequence into a vector of length 1.</summary>
/// <remarks>States are added in the order of their positions, so the vector does not depend on how the text was cut into steps.</remarks>
internal sealed class StatePool(EmbeddingPooling pooling)
{
    private double[] _sum = [];
    private int _count;

    /// <summary>What the scheduler must ask for.</summary>
    public static HiddenStateUse UseOf(EmbeddingPooling pooling) => pooling == EmbeddingPooling.Last ? HiddenStateUse.Last : HiddenStateUse.All;

    /// <summary>Takes in what a step gave; a sequence that was preempted begins again at position 0.</summary>
    public void Add(HiddenStates states)
    {
        if (states.Position == 0)
        {
            (_sum, _count) = ([], 0);
        }

        var values = states.Values.Span;
        for (var i = 0; i < states.Count; i++)
        {
            Add(states.Position + i, values.Slice(i * states.Width, states.Width));
        }
    }

    /// <summary>The vector; null when it has no direction, because the states are not finite or all zero.</summary>
    public float[]? Take()
    {
        var length = Math.Sqrt(_sum.Sum(value => value * value));
        return _count > 0 && double.IsFinite(length) && length > 0 ? Array.ConvertAll(_sum, value => (float)(value / length)) : null;
    }

    private void Add(int position, ReadOnlySpan<float> state)
    {
        if (pooling == EmbeddingPooling.First && position > 0)
        {
            return;
        }

        if (pooling == EmbeddingPooling.Last || _count == 0)
        {
            _sum = new double[state.Length];
        }

        Check.Invariant(pooling != EmbeddingPooling.Mean || position == _count, $"state of position {position} after {_count}");
        for (var i = 0; i < state.Length; i++)
        {
            _sum[i] += state[i];
        }

        _count++;
    }
}
