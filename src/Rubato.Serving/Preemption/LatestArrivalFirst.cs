namespace Rubato.Serving.Preemption;

/// <summary>The sequence that arrived last gives up its blocks, so that earlier requests are never delayed by later ones.</summary>
public sealed class LatestArrivalFirst : IPreemptionPolicy
{
    /// <inheritdoc/>
    public string Name => "latest-arrival";

    /// <inheritdoc/>
    public int SelectVictim(IReadOnlyList<IScheduledSequence> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        var latest = 0;
        for (var i = 1; i < candidates.Count; i++)
        {
            if (candidates[i].ArrivalNumber > candidates[latest].ArrivalNumber)
            {
                latest = i;
            }
        }

        return latest;
    }
}
