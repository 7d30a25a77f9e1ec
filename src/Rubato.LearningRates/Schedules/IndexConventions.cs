namespace Rubato.LearningRates.Schedules;

/// <summary>The arithmetic of <see cref="IndexConvention"/>.</summary>
public static class IndexConventions
{
    /// <summary>The progress, 0 … 1, that <paramref name="update"/> reads a profile at.</summary>
    public static double Progress(this IndexConvention index, in UpdateSpan update)
    {
        if (update.Begin >= update.Total)
        {
            return 1;
        }

        var progress = index switch
        {
            IndexConvention.OneBased => (update.Begin + update.Length) / update.Total,
            IndexConvention.Interior => (update.Begin + update.Length) / (update.Total + update.Length),
            IndexConvention.MidPoint => (2 * update.Begin + update.Length) / (2 * update.Total),
            IndexConvention.Closed => update.Total > update.Length ? update.Begin / (update.Total - update.Length) : 0,
            _ => update.Begin / update.Total,
        };
        return Math.Min(progress, 1);
    }

    /// <summary>The beginning, in updates of <paramref name="steps"/>, whose progress is 1.</summary>
    internal static double End(this IndexConvention index, long steps) => index switch
    {
        IndexConvention.OneBased or IndexConvention.Closed => steps - 1,
        IndexConvention.MidPoint => steps - 0.5,
        _ => steps,
    };
}
