using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>An executor is other people's code: what it returns is checked before the scheduler sees it.</summary>
internal static class StepResultCheck
{
    /// <exception cref="InvariantViolationException">The result does not answer the plan.</exception>
    public static void Validate(StepPlan plan, StepResult result, int vocabularySize)
    {
        var next = 0;
        foreach (var slice in plan.Slices)
        {
            if (!slice.Samples)
            {
                continue;
            }

            Check.Invariant(next < result.Tokens.Length, $"step {plan.Step}: no token for {slice.Request}");
            var sampled = result.Tokens[next++];
            Check.Invariant(sampled.Request == slice.Request, $"step {plan.Step}: token of {sampled.Request} in place of {slice.Request}");
            var known = sampled.Failure is not null || (sampled.Token >= 0 && sampled.Token < vocabularySize);
            Check.Invariant(known, $"step {plan.Step}: token {sampled.Token} is not in the vocabulary");
        }

        var wanted = plan.Slices.Where(slice => slice.HiddenStates != HiddenStateUse.None).ToArray();
        Check.Invariant(
            result.HiddenStates.Select(states => (states.Request, states.Position + states.Count))
                .SequenceEqual(wanted.Select(slice => (slice.Request, slice.Start + slice.Tokens.Length))),
            $"step {plan.Step}: hidden states of {result.HiddenStates.Length} slices, {wanted.Length} want them");
        Check.Invariant(next == result.Tokens.Length, $"step {plan.Step}: {result.Tokens.Length} tokens for {next} slices");
    }
}
