namespace Rubato.Serving.Transfers;

/// <summary>Makes few copies out of many blocks: what is consecutive on both sides moves at once.</summary>
public static class CopyRuns
{
    /// <summary>Adds one block, which extends the last run when it follows it on both sides.</summary>
    public static void Append(List<CopyRun> runs, int source, int destination)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count > 0 && runs[^1] is var last && last.Source + last.Count == source && last.Destination + last.Count == destination)
        {
            runs[^1] = last with { Count = last.Count + 1 };
        }
        else
        {
            runs.Add(new(source, destination, 1));
        }
    }
}
