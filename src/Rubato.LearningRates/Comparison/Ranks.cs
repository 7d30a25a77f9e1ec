namespace Rubato.LearningRates.Comparison;

/// <summary>Ranks with ties.</summary>
internal static class Ranks
{
    /// <summary>For each loss its rank, 1 the lowest; equals share the mean of their places. +∞ (diverged) is worst, and ties with its like.</summary>
    public static double[] Average(IReadOnlyList<double> losses)
    {
        var ranks = new double[losses.Count];
        for (var i = 0; i < ranks.Length; i++)
        {
            var (better, equal) = (Better(losses, i), losses.Count(loss => loss.Equals(losses[i])));
            ranks[i] = better + (equal + 1) / 2.0;
        }

        return ranks;
    }

    /// <summary>How many losses are strictly below that at <paramref name="index"/>.</summary>
    public static int Better(IReadOnlyList<double> losses, int index) => losses.Count(loss => loss < losses[index]);
}
