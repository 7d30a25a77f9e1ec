namespace Rubato.Torch.Data;

/// <summary>Rows of two sources dealt evenly in a fixed proportion.</summary>
public sealed class MixedRows : ITrainingRows
{
    private const long Resolution = 1_000_000;
    private readonly ITrainingRows _main;
    private readonly ITrainingRows _admixture;
    private readonly long _share;

    /// <summary>Mixes <paramref name="admixture"/> into <paramref name="main"/>.</summary>
    /// <param name="main">The source whose passes count as epochs.</param>
    /// <param name="admixture">The other source; of the same sequence length.</param>
    /// <param name="share">Share of rows from the admixture, 0 … below 1; rounded to a millionth.</param>
    public MixedRows(ITrainingRows main, ITrainingRows admixture, double share)
    {
        ArgumentNullException.ThrowIfNull(main);
        ArgumentNullException.ThrowIfNull(admixture);
        ArgumentOutOfRangeException.ThrowIfNotEqual(admixture.Sequence, main.Sequence);
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        _main = main;
        _admixture = admixture;
        _share = (long)Math.Round(share * Resolution);
    }

    /// <inheritdoc/>
    public int Sequence => _main.Sequence;

    /// <inheritdoc/>
    public long RowsPerEpoch => (long)(_main.RowsPerEpoch / (1 - _share / (double)Resolution));

    /// <inheritdoc/>
    public void Read(long row, Span<long> inputs, Span<long> targets)
    {
        var mixedBefore = (long)((Int128)row * _share / Resolution);
        var mixedAfter = (long)((Int128)(row + 1) * _share / Resolution);
        if (mixedAfter > mixedBefore)
        {
            _admixture.Read(mixedBefore, inputs, targets);
        }
        else
        {
            _main.Read(row - mixedBefore, inputs, targets);
        }
    }
}
