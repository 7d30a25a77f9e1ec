namespace Rubato.Serving.Fairness.Shares;

/// <summary>How the order of one selection comes from counters: whether, and by how much, those who wait must be behind to displace residents.</summary>
/// <param name="Displaces">False: residents come before all others.</param>
/// <param name="Threshold">Service units by which the counter of one who waits must be below that of a resident.</param>
internal readonly record struct ShareRule(bool Displaces, double Threshold)
{
    public ShareKey KeyOf(Share share)
    {
        var entitled = share.IsEntitled;
        return Displaces
            ? new(0, entitled ? share.Counter - Threshold : share.Counter, entitled, share.Registered)
            : new(entitled ? 0 : 1, share.Counter, entitled, share.Registered);
    }
}
