using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>The engine did not take a request.</summary>
public sealed class RequestRefusedException(AdmissionOutcome outcome) : RubatoException(Explain(outcome))
{
    /// <summary>Why not.</summary>
    public AdmissionOutcome Outcome => outcome;

    private static string Explain(AdmissionOutcome outcome) => outcome switch
    {
        AdmissionOutcome.QueueFull => "The engine's queue is full: try again later.",
        AdmissionOutcome.ShuttingDown => "The engine is shutting down.",
        _ => $"The engine refused the request: {outcome}.",
    };
}
