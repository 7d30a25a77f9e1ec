namespace Rubato.Inference.Sampling;

/// <summary>Tokens by falling weight, found one by one: all weights are heaped in linear time, and only those asked for are ordered.</summary>
internal sealed class CandidateHeap
{
    private int[] _tokens = [];
    private float[] _weights = [];
    private int _length;
    private int _ordered;

    /// <summary>Begins with new weights. Equal weights come in the order of their tokens.</summary>
    public CandidateHeap Start(ReadOnlySpan<float> weights)
    {
        if (_tokens.Length < weights.Length)
        {
            _tokens = new int[weights.Length];
            _weights = new float[weights.Length];
        }

        weights.CopyTo(_weights);
        for (var token = 0; token < weights.Length; token++)
        {
            _tokens[token] = token;
        }

        _length = weights.Length;
        _ordered = 0;
        for (var i = (_length / 2) - 1; i >= 0; i--)
        {
            SiftDown(i, _length);
        }

        return this;
    }

    /// <summary>The token with the <paramref name="rank"/>-th largest weight, from 0.</summary>
    public int Next(int rank)
    {
        // Those found so far lie at the end of the array, the largest last; the heap before them shrinks.
        while (_ordered <= rank)
        {
            var end = _length - 1 - _ordered++;
            (_tokens[0], _tokens[end]) = (_tokens[end], _tokens[0]);
            SiftDown(0, end);
        }

        return _tokens[_length - 1 - rank];
    }

    private void SiftDown(int i, int end)
    {
        while ((2 * i) + 1 < end)
        {
            var child = (2 * i) + 1;
            if (child + 1 < end && Precedes(_tokens[child + 1], _tokens[child]))
            {
                child++;
            }

            if (!Precedes(_tokens[child], _tokens[i]))
            {
                return;
            }

            (_tokens[i], _tokens[child]) = (_tokens[child], _tokens[i]);
            i = child;
        }
    }

    private bool Precedes(int a, int b) => _weights[a] > _weights[b] || (_weights[a] == _weights[b] && a < b);
}
