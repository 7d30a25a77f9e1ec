using Rubato.Core;

namespace Rubato.Torch.Data;

/// <summary>Cuts a token sequence into rows and deals them in a new order, from a new offset, in every pass.</summary>
public sealed class ShuffledRows : ITrainingRows
{
    private readonly TokenSequence _text;
    private readonly Prng _random;
    private readonly int[] _order;
    private long _epoch = -1;
    private int _offset;

    /// <summary>Rows of <paramref name="sequence"/> tokens of <paramref name="text"/>, in orders that depend on the seed only.</summary>
    /// <exception cref="InvalidOptionException">The text is shorter than two rows.</exception>
    public ShuffledRows(TokenSequence text, int sequence, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        if (text.Tokens.Length < 2L * sequence)
        {
            throw new InvalidOptionException(
                $"The training text has {text.Tokens.Length} tokens, fewer than two rows of {sequence}; "
                + "give more text or a smaller --sequence.");
        }

        _text = text;
        _random = new Prng(seed).Split("rows");
        _order = new int[(text.Tokens.Length - sequence) / sequence];
        Sequence = sequence;
    }

    /// <inheritdoc/>
    public int Sequence { get; }

    /// <inheritdoc/>
    public long RowsPerEpoch => _order.Length;

    /// <inheritdoc/>
    public void Read(long row, Span<long> inputs, Span<long> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        Deal(row / RowsPerEpoch);
        _text.Read(_offset + _order[row % RowsPerEpoch] * Sequence, inputs, targets);
    }

    private void Deal(long epoch)
    {
        if (epoch == _epoch)
        {
            return;
        }

        var random = _random.Split((ulong)epoch);
        _offset = random.NextInt32(Sequence);
        for (var i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        random.Shuffle<int>(_order);
        _epoch = epoch;
    }
}
