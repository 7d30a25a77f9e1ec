using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>Interpolated modified Kneser–Ney probabilities over sequences of symbols.</summary>
/// <remarks>
/// Source: Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999. The highest order, and n-grams
/// that begin a sequence, use how often they occur; the others, how many different symbols stand before them. Three discounts per order,
/// from the numbers of n-grams with counts 1 to 4. Below the unigrams stands the uniform distribution.
/// </remarks>
internal sealed class KneserNey
{
    private readonly int _order;
    private readonly int _alphabet;
    private readonly int _start;
    private readonly NgramTrie _trie = new();
    private readonly List<bool> _beginsSequence = [false];
    private readonly double[][] _discounts;
    private int[] _counts = [];
    private byte[] _orders = [];
    private long[] _totals = [];
    private int[][] _ones = [];

    /// <summary>Learns from sequences; each is predicted with its end.</summary>
    /// <param name="sequences">Symbols from 0 to <paramref name="symbols"/> − 1.</param>
    /// <param name="symbols">Number of symbols, without the end.</param>
    /// <param name="order">Symbols per n-gram, from 1.</param>
    public KneserNey(IEnumerable<int[]> sequences, int symbols, int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 32);
        (_order, _alphabet, _start) = (order, symbols + 1, symbols + 1);
        foreach (var sequence in sequences)
        {
            Count(sequence);
        }

        Summarize();
        _discounts = [.. Enumerable.Range(0, order + 1).Select(DiscountsOf)];
    }

    /// <summary>The symbol that ends a sequence.</summary>
    public int End => _alphabet - 1;

    /// <summary>The symbols of a sequence with the marks that begin and end it.</summary>
    public int[] Padded(int[] sequence) => [_start, .. sequence, End];

    /// <summary>The probability of <paramref name="symbol"/> after the context, whose last symbols count.</summary>
    public double Probability(ReadOnlySpan<int> context, int symbol)
    {
        Check.Invariant(symbol >= 0 && symbol < _alphabet, $"symbol {symbol} of {_alphabet}");
        var probability = 1.0 / _alphabet;
        for (var length = 0; length <= Math.Min(_order - 1, context.Length); length++)
        {
            var node = NodeOf(context[^length..]);
            if (node < 0 || _totals[node] == 0)
            {
                break;
            }

            probability = Interpolate(node, length + 1, symbol, probability);
        }

        return probability;
    }

    private double Interpolate(int context, int order, int symbol, double lower)
    {
        var child = _trie.Find(context, symbol);
        var count = child < 0 ? 0 : _counts[child];
        var discounts = _discounts[order];
        double total = _totals[context];
        var kept = count - discounts[Math.Min(count, 3)];
        var freed = 0.0;
        for (var i = 1; i <= 3; i++)
        {
            freed += discounts[i] * _ones[i][context];
        }

        return (kept + freed * lower) / total;
    }

    private int NodeOf(ReadOnlySpan<int> symbols)
    {
        var node = 0;
        foreach (var symbol in symbols)
        {
            node = _trie.Find(node, symbol);
            if (node < 0)
            {
                return -1;
            }
        }

        return node;
    }

    private void Count(int[] sequence)
    {
        var previous = new int[_order + 1];
        var current = new int[_order + 1];
        var available = 0;
        foreach (var symbol in Padded(sequence))
        {
            available = Math.Min(available + 1, _order);
            for (var length = 1; length <= available; length++)
            {
                var node = _trie.FindOrAdd(length == 1 ? 0 : previous[length - 1], symbol, out var isNew);
                current[length] = node;
                _trie.Occurrences[node]++;
                if (isNew)
                {
                    _beginsSequence.Add(length == 1 ? symbol == _start : _beginsSequence[previous[length - 1]]);
                    _trie.LeftExtensions[length == 1 ? 0 : current[length - 1]]++;
                }
            }

            (previous, current) = (current, previous);
        }
    }

    /// <summary>The counts that probabilities are made of, and per context their sum and how many are 1, 2, and 3 or more.</summary>
    private void Summarize()
    {
        var nodes = _trie.Count;
        _counts = new int[nodes];
        _orders = new byte[nodes];
        _totals = new long[nodes];
        _ones = [[], new int[nodes], new int[nodes], new int[nodes]];
        var start = _trie.Find(0, _start);
        for (var node = 1; node < nodes; node++)
        {
            var parent = _trie.Parents[node];
            _orders[node] = (byte)(_orders[parent] + 1);
            if (node == start)
            {
                continue;
            }

            var whole = _orders[node] == _order || _beginsSequence[node];
            _counts[node] = whole ? _trie.Occurrences[node] : _trie.LeftExtensions[node];
            _totals[parent] += _counts[node];
            _ones[Math.Min(_counts[node], 3)][parent]++;
        }
    }

    private double[] DiscountsOf(int order)
    {
        var having = new double[5];
        for (var node = 1; node < _counts.Length; node++)
        {
            if (_orders[node] == order && _counts[node] is >= 1 and <= 4)
            {
                having[_counts[node]]++;
            }
        }

        var discounts = new double[4];
        var y = having[1] + having[2] > 0 ? having[1] / (having[1] + 2 * having[2]) : 0.5;
        for (var i = 1; i <= 3; i++)
        {
            var estimate = having[i] > 0 ? i - (i + 1) * y * having[i + 1] / having[i] : 0.5 * i;
            discounts[i] = Math.Clamp(estimate, 0.05 * i, 0.95 * i);
        }

        return discounts;
    }
}
