using System.Globalization;
using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>One line per change of state.</summary>
internal sealed class ServingLog(TextWriter writer) : ServingObserver
{
    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now) =>
        Line(now, $"{request.Id} of {request.Client} prompt={request.PromptTokens.Length} max={request.OutputTokensMax}: {outcome}");

    public override void Cancelled(RequestId id, Instant now) => Line(now, $"{id} cancelled by its client");

    public override void Planned(StepPlan plan, Instant now)
    {
        foreach (var request in plan.Preempted)
        {
            Line(now, $"{request} preempted");
        }

        Line(now, $"step {plan.Step}: {plan.Slices.Length} sequences, {plan.TokenCount} tokens");
    }

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        foreach (var request in completion.Finished)
        {
            Line(now, $"{request.Id} ends: {request.Reason} after {request.OutputTokens} tokens");
        }
    }

    private void Line(Instant now, FormattableString text) =>
        writer.WriteLine($"{now.Seconds.ToString("F6", CultureInfo.InvariantCulture),12}s  {FormattableString.Invariant(text)}");
}
