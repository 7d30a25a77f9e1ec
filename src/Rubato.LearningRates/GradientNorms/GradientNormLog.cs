namespace Rubato.LearningRates.GradientNorms;

/// <summary>Collects the gradient norms of a run in bounded memory: every update of a short run, block means of a long one.</summary>
public sealed class GradientNormLog
{
    /// <summary>Runs up to this many updates keep every norm.</summary>
    public const long MostUnblocked = 1_000_000;

    private const long Blocks = 100_000;

    private readonly List<float> _l1 = [];
    private readonly List<float> _l2 = [];
    private double _sum1;
    private double _sum2;
    private long _inBlock;

    /// <summary>A log for a run of about <paramref name="expectedUpdates"/>.</summary>
    /// <param name="expectedUpdates">At least 1. Beyond 10⁶, the log stores means over ⌈updates / 10⁵⌉ updates.</param>
    public GradientNormLog(long expectedUpdates)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(expectedUpdates, 1);
        BlockLength = expectedUpdates <= MostUnblocked ? 1 : (expectedUpdates + Blocks - 1) / Blocks;
    }

    /// <summary>Updates in one stored pair.</summary>
    public long BlockLength { get; }

    /// <summary>Stored pairs; a block that is not full yet counts as one.</summary>
    public int Count => _l1.Count + (_inBlock > 0 ? 1 : 0);

    /// <summary>Adds the norms of the next update, as they are: not finite ones are left out when schedules are refined.</summary>
    public void Add(double l1, double l2)
    {
        _sum1 += l1;
        _sum2 += l2;
        if (++_inBlock == BlockLength)
        {
            _l1.Add((float)(_sum1 / _inBlock));
            _l2.Add((float)(_sum2 / _inBlock));
            (_sum1, _sum2, _inBlock) = (0, 0, 0);
        }
    }

    /// <summary>What was collected so far.</summary>
    public GradientNormSequence ToSequence()
    {
        var (l1, l2) = (_l1.Select(norm => (double)norm), _l2.Select(norm => (double)norm));
        return _inBlock == 0
            ? new([.. l1], [.. l2])
            : new([.. l1, (float)(_sum1 / _inBlock)], [.. l2, (float)(_sum2 / _inBlock)]);
    }
}
