namespace Rubato.Inference.Sampling;

/// <summary>Tokens by falling logit, found one by one: all logits are heaped in linear time, and only those asked for are ordered.</summary>
internal sealed class CandidateHeap
{
    private int[] _tokens = [];
    private float[] _logits = [];
    private int _length;
    private int _ordered;

    /// <summary>Begins with new logits, none NaN. Equal ones come in the order of their tokens.</summary>
    public CandidateHeap Start(ReadOnlySpan<float> logits)
    {
        if (_tokens.Length < logits.Length)
        {
            _tokens = new int[logits.Length];
            _logits = new float[logits.Length];
        }

        logits.CopyTo(_logits);
        for (var token = 0; token < logits.Length; token++)
        {
            _tokens[token] = token;
        }

        _length = logits.Length;
        _ordered = 0;
        for (var i = (_length / 2) - 1; i >= 0; i--)
        {
            SiftDown(i, _length);
        }

        return this;
    }

    /// <summary>The token with the <paramref name="rank"/>-th largest logit, from 0.</summary>
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

    private bool Precedes(int a, int b) => _logits[a] > _logits[b] || (_logits[a] == _logits[b] && a < b);
}
