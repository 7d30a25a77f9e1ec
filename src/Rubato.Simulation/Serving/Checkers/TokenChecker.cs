using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Safety: each token is fed with its true value at its position, and emitted once, in order, with its true value.</summary>
internal sealed class TokenChecker(IReadOnlyDictionary<RequestId, RequestScript> scripts) : ServingObserver
{
    private readonly Dictionary<RequestId, int> _emitted = [];
    private readonly HashSet<RequestId> _cancelled = [];

    public override void Cancelled(RequestId id, Instant now) => _cancelled.Add(id);

    public override void Planned(StepPlan plan, Instant now)
    {
        foreach (var slice in plan.Slices)
        {
            for (var i = 0; i < slice.Tokens.Length; i++)
            {
                var (fed, position) = (slice.Tokens[i], slice.Start + i);
                var expected = scripts[slice.Request].TokenAt(position);
                Check.Invariant(fed == expected, $"step {plan.Step} feeds {slice.Request} {fed} at {position}, not {expected}");
            }
        }
    }

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        foreach (var token in completion.Emitted)
        {
            var script = scripts[token.Request];
            var index = _emitted.GetValueOrDefault(token.Request);
            Check.Invariant(!_cancelled.Contains(token.Request), $"step {plan.Step} emits for {token.Request} after its cancellation");
            Check.Invariant(token.Index == index, $"step {plan.Step} emits token {token.Index} of {token.Request}, {index} is next");
            var expected = script.TokenAt(script.Request.PromptTokens.Length + index);
            Check.Invariant(token.Token == expected, $"step {plan.Step} emits {token}, not {expected}");
            _emitted[token.Request] = index + 1;
        }

        foreach (var request in completion.Finished)
        {
            var emitted = _emitted.GetValueOrDefault(request.Id);
            Check.Invariant(request.OutputTokens == emitted, $"{request} with {emitted} emitted");
        }
    }
}
