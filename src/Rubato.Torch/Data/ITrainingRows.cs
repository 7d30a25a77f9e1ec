namespace Rubato.Torch.Data;

/// <summary>An endless sequence of training rows; row n is a pure function of n, so that a run can resume anywhere.</summary>
public interface ITrainingRows
{
    /// <summary>Tokens per row.</summary>
    int Sequence { get; }

    /// <summary>Rows in one pass over the data; at least 1.</summary>
    long RowsPerEpoch { get; }

    /// <summary>Writes row <paramref name="row"/>.</summary>
    /// <param name="row">Number of the row, from 0 without end; every pass has an order of its own.</param>
    /// <param name="inputs">Receives <see cref="Sequence"/> token ids.</param>
    /// <param name="targets">Receives the following token ids; <see cref="TokenSequence.Ignored"/> where the token does not count.</param>
    void Read(long row, Span<long> inputs, Span<long> targets);
}
