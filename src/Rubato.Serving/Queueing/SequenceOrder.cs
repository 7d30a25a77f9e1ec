namespace Rubato.Serving.Queueing;

/// <summary>The policy's order made total: ties go to the earlier arrival.</summary>
internal sealed class SequenceOrder(IQueuePolicy policy) : IComparer<SequenceState>
{
    public int Compare(SequenceState? a, SequenceState? b)
    {
        var byPolicy = policy.Compare(a!, b!);
        return byPolicy != 0 ? byPolicy : a!.ArrivalNumber.CompareTo(b!.ArrivalNumber);
    }
}
