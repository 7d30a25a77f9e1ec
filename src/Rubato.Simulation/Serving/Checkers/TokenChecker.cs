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
                var expected = scripts[slice.Request].TokenAt(slice.Start + i);
                Check.Invariant(slice.Tokens[i] == expected, $"step {plan.Step} feeds {slice.Request} {slice.Tokens[i]} at {slice.Start + i}, not {expected}");
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
            Check.Invariant(token.Token == script.TokenAt(script.Request.PromptTokens.Length + index), $"step {plan.Step}: token {index} of {token.Request} is wrong");
            _emitted[token.Request] = index + 1;
        }

        foreach (var request in completion.Finished)
        {
            Check.Invariant(request.OutputTokens == _emitted.GetValueOrDefault(request.Id), $"{request} with {_emitted.GetValueOrDefault(request.Id)} emitted");
        }
    }
}
