using Rubato.Kernels.Reductions;

namespace Rubato.Inference.Sampling;

/// <summary>Tokens by falling key, found one by one; those that cannot be asked for are left out without ordering anything.</summary>
/// <remarks>
/// One pass counts the tokens and adds up their weights by distance from the largest key, a second keeps those that are near enough, and only
/// they are heaped. A vocabulary has 150,000 tokens; who draws wants tens or hundreds.
/// </remarks>
internal sealed class CandidateHeap
{
    private const int Buckets = 256;
    private const float BucketsPerUnit = 4;

    private readonly int[] _counts = new int[Buckets];
    private readonly double[] _weights = new double[Buckets];
    private int[] _tokens = [];
    private float[] _keys = [];
    private int _ordered;

    /// <summary>Tokens that can be asked for.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Begins with the first of all tokens by falling key, equal ones in the order of their ids: at least as many as there are until
    /// one of the limits of <paramref name="wanted"/> is reached. Keys of negative infinity are left out.
    /// </summary>
    /// <param name="keys">One per token, none NaN, the largest finite.</param>
    /// <param name="weights">One per token, at least 0.</param>
    /// <param name="wanted">What is enough.</param>
    public CandidateHeap Start(ReadOnlySpan<float> keys, ReadOnlySpan<float> weights, Wanted wanted)
    {
        if (_tokens.Length < keys.Length)
        {
            _tokens = new int[keys.Length];
            _keys = new float[keys.Length];
        }

        var largest = keys[Maximum.IndexOf(keys)];
        Keep(keys, largest, wanted.Scale, Measure(keys, weights, largest, wanted));
        _ordered = 0;
        for (var i = (Count / 2) - 1; i >= 0; i--)
        {
            SiftDown(i, Count);
        }

        return this;
    }

    /// <summary>The token with the <paramref name="rank"/>-th largest key, from 0; below <see cref="Count"/>.</summary>
    public int Next(int rank)
    {
        // Those found so far lie at the end of the array, the largest last; the heap before them shrinks.
        while (_ordered <= rank)
        {
            var end = Count - 1 - _ordered++;
            Swap(0, end);
            SiftDown(0, end);
        }

        return _tokens[Count - 1 - rank];
    }

    /// <summary>The last bucket that is needed.</summary>
    private int Measure(ReadOnlySpan<float> keys, ReadOnlySpan<float> weights, float largest, Wanted wanted)
    {
        var last = wanted.Distance < (Buckets / BucketsPerUnit) - 2 ? (int)(wanted.Distance * BucketsPerUnit) + 1 : Buckets - 1;
        if (wanted.Count >= keys.Length && double.IsPositiveInfinity(wanted.Weight))
        {
            return last;
        }

        Array.Clear(_counts);
        Array.Clear(_weights);
        var (bucketCounts, bucketWeights, scale) = (_counts, _weights, wanted.Scale);
        for (var token = 0; token < keys.Length && token < weights.Length; token++)
        {
            if (keys[token] > float.NegativeInfinity)
            {
                var bucket = BucketOf(largest - keys[token], scale);
                unchecked
                {
                    bucketCounts[bucket]++;
                }

                bucketWeights[bucket] += weights[token];
            }
        }

        var (count, weight) = (0, 0.0);
        for (var bucket = 0; bucket < last; bucket++)
        {
            count += _counts[bucket];
            weight += _weights[bucket];
            if (count >= wanted.Count || weight >= wanted.Weight)
            {
                return bucket;
            }
        }

        return last;
    }

    private void Keep(ReadOnlySpan<float> keys, float largest, float scale, int last)
    {
        var (tokens, kept, count) = (_tokens, _keys, 0);
        for (var token = 0; token < keys.Length; token++)
        {
            if (keys[token] > float.NegativeInfinity && BucketOf(largest - keys[token], scale) <= last)
            {
                tokens[count] = token;
                kept[count++] = keys[token];
            }
        }

        Count = count;
    }

    /// <summary>Rises with the distance, in whatever way it rounds: the kept tokens are the first ones.</summary>
    private static int BucketOf(float distance, float scale) => unchecked((int)Math.Min(distance * scale * BucketsPerUnit, Buckets - 1));

    private void SiftDown(int i, int end)
    {
        while ((2 * i) + 1 < end)
        {
            var child = (2 * i) + 1;
            if (child + 1 < end && Precedes(child + 1, child))
            {
                child++;
            }

            if (!Precedes(child, i))
            {
                return;
            }

            Swap(i, child);
            i = child;
        }
    }

    private void Swap(int a, int b)
    {
        (_tokens[a], _tokens[b]) = (_tokens[b], _tokens[a]);
        (_keys[a], _keys[b]) = (_keys[b], _keys[a]);
    }

    private bool Precedes(int a, int b) => _keys[a] > _keys[b] || (_keys[a] == _keys[b] && _tokens[a] < _tokens[b]);

    /// <summary>When enough tokens are there: with any one of these.</summary>
    /// <param name="Count">So many tokens.</param>
    /// <param name="Weight">So much weight.</param>
    /// <param name="Distance">All tokens whose key is at most so far below the largest, after scaling.</param>
    /// <param name="Scale">Multiplies differences of keys, above 0.</param>
    public readonly record struct Wanted(int Count, double Weight, double Distance, float Scale);
}
