namespace Rubato.Serving.Fairness.Orders;

/// <summary>Where a sequence stands in a selection: by rank, then residents before others, then by arrival. A total order.</summary>
internal readonly record struct OfferKey(double Rank, long Tie) : IComparable<OfferKey>
{
    // Above every number of an admission.
    private const long NotResident = 1L << 62;

    public static OfferKey Of(IScheduledSequence sequence, double rank) =>
        new(rank, sequence.IsResident ? sequence.ArrivalNumber : sequence.ArrivalNumber + NotResident);

    public int CompareTo(OfferKey other)
    {
        var byRank = Rank.CompareTo(other.Rank);
        return byRank != 0 ? byRank : Tie.CompareTo(other.Tie);
    }
}
