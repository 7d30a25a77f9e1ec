namespace Rubato.Serving.Queueing;

/// <summary>In which order requests are served: a value given to the scheduler, never a subclass of it.</summary>
/// <remarks>
/// The order decides who is admitted next and, among the running, who is given tokens and blocks first. It must be a total
/// preorder that does not change while a request waits; the scheduler breaks ties by arrival.
/// </remarks>
public interface IQueuePolicy
{
    /// <summary>The name in flags, journals and metrics.</summary>
    string Name { get; }

    /// <summary>Compares two sequences.</summary>
    /// <returns>
    /// Negative when <paramref name="a"/> is served before <paramref name="b"/>, positive when after, zero when arrival decides.
    /// </returns>
    int Compare(IScheduledSequence a, IScheduledSequence b);
}
