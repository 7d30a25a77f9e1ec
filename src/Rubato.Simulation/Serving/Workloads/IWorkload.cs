using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Who asks for what, and when: the world outside the server.</summary>
internal interface IWorkload
{
    /// <summary>Requests that it will issue at most; null when that depends on how the run goes.</summary>
    long? Requests { get; }

    /// <summary>Schedules the arrivals that are known at the start.</summary>
    void Begin(IArrivals arrivals);

    /// <summary>An arrival is due: what is asked for; null when nothing more is.</summary>
    RequestScript? Issue(long arrival, Instant now);

    /// <summary>What became of a request at the door.</summary>
    void Answered(RequestScript script, AdmissionOutcome outcome, Instant now);

    /// <summary>An admitted request ended.</summary>
    void Ended(RequestScript script, FinishedRequest finished, Instant now);
}

/// <summary>Where a workload announces what arrives.</summary>
internal interface IArrivals
{
    /// <summary>Asks for <see cref="IWorkload.Issue"/> of this number at this time.</summary>
    void Schedule(long arrival, Instant at);
}
