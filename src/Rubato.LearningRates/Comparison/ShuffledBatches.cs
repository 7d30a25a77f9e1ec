using Rubato.Core;

namespace Rubato.LearningRates.Comparison;

/// <summary>The order of the data: a new permutation every epoch that depends on the seed and the epoch alone.</summary>
public sealed class ShuffledBatches
{
    private readonly int[] _order;
    private readonly int _batch;
    private readonly Prng _seed;
    private ulong _epoch;
    private int _next;

    /// <summary>Batches of the indices 0 … <paramref name="examples"/> − 1.</summary>
    /// <param name="examples">At least 1.</param>
    /// <param name="batch">Indices a batch, at least 1.</param>
    /// <param name="seed">Decides the order.</param>
    public ShuffledBatches(int examples, int batch, ulong seed)
    {
        _order = new int[examples];
        _batch = batch;
        _seed = new Prng(seed).Split("order of the data");
        Shuffle();
    }

    /// <summary>The indices of the next batch; the last of an epoch may be smaller.</summary>
    public ReadOnlySpan<int> Next()
    {
        if (_next == _order.Length)
        {
            _epoch++;
            Shuffle();
        }

        var batch = _order.AsSpan(_next, Math.Min(_batch, _order.Length - _next));
        _next += batch.Length;
        return batch;
    }

    private void Shuffle()
    {
        for (var i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        _seed.Split(_epoch).Shuffle<int>(_order);
        _next = 0;
    }
}
