namespace Rubato.Serving.Fairness.Shares;

/// <summary>The mean of the last five lengths.</summary>
internal sealed class RecentLengths
{
    private const int Kept = 5;

    private readonly int[] _lengths = new int[Kept];
    private long _count;

    public void Add(int length) => _lengths[(int)(_count++ % Kept)] = length;

    /// <summary>Rounded to the nearest whole number; 0 when nothing is known.</summary>
    public int Mean()
    {
        var known = (int)Math.Min(_count, Kept);
        var sum = 0L;
        for (var i = 0; i < known; i++)
        {
            sum += _lengths[i];
        }

        return known == 0 ? 0 : (int)((sum + known / 2) / known);
    }
}
