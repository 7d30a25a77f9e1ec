namespace Rubato.Serving.Queueing;

/// <summary>Requests are served in the order in which they were admitted.</summary>
public sealed class FirstComeFirstServed : IQueuePolicy
{
    /// <inheritdoc/>
    public string Name => "fcfs";

    /// <inheritdoc/>
    public int Compare(IScheduledSequence a, IScheduledSequence b) => a.ArrivalNumber.CompareTo(b.ArrivalNumber);
}
