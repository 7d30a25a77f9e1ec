using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Serving.Planning;

/// <summary>Carries the result of a step into the state: positions computed, tokens emitted, requests ended.</summary>
internal static class StepAbsorber
{
    public static StepCompletion Absorb(SchedulerState state, StepPlan plan, StepResult result, Instant now)
    {
        var emitted = ImmutableArray.CreateBuilder<EmittedToken>(result.Tokens.Length);
        var next = 0;
        foreach (var slice in plan.Slices)
        {
            var sequence = state.Alive[slice.Request];
            sequence.InFlight = false;
            SampledToken? sampled = slice.Samples ? Sampled(result, next++, slice.Request) : null;
            if (sequence.CancelRequested)
            {
                state.End(sequence, FinishReason.Cancelled, now);
                continue;
            }

            var prompt = CountComputed(state, sequence, slice);
            sequence.AdvanceTo(slice.Start + slice.Tokens.Length);
            Publish(state, sequence);
            state.Policy.Served(sequence, prompt, sampled is null ? 0 : 1, now);
            if (sampled is { } token)
            {
                emitted.Add(Emit(state, sequence, token, now));
            }
            else if (sequence.Request.HiddenStates != HiddenStateUse.None && sequence.PendingTokens == 0)
            {
                state.End(sequence, FinishReason.Stop, now);
            }
        }

        Check.Invariant(next == result.Tokens.Length, $"step {plan.Step} samples {next} tokens, its result has {result.Tokens.Length}");
        state.Counters = state.Counters with { Steps = state.Counters.Steps + 1 };
        return new(emitted.DrainToImmutable(), [.. state.TakeFinished()]);
    }

    private static SampledToken Sampled(StepResult result, int index, RequestId request)
    {
        Check.Invariant(index < result.Tokens.Length, $"the result has {result.Tokens.Length} tokens, none for {request}");
        var sampled = result.Tokens[index];
        Check.Invariant(sampled.Request == request, $"token {index} of the result is for {sampled.Request}, the plan samples {request}");
        return sampled;
    }

    private static EmittedToken Emit(SchedulerState state, SequenceState sequence, SampledToken sampled, Instant now)
    {
        var emitted = new EmittedToken(sequence.Id, sequence.OutputTokens, sampled.Token, sampled.LogProbabilities);
        sequence.Append(sampled.Token, now);
        state.Counters = state.Counters with { OutputTokens = state.Counters.OutputTokens + 1 };
        var stopTokens = sequence.Request.StopTokens;
        if (sampled.EndsRequest || (!stopTokens.IsDefault && stopTokens.Contains(sampled.Token)))
        {
            state.End(sequence, FinishReason.Stop, now);
        }
        else if (sequence.OutputTokens == sequence.Request.OutputTokensMax)
        {
            state.End(sequence, FinishReason.Length, now);
        }

        return emitted;
    }

    private static void Publish(SchedulerState state, SequenceState sequence)
    {
        var published = state.Store.Publish(sequence);
        if (state.Limits.Switching is { WriteThrough: true, Swaps: true })
        {
            for (var i = sequence.Nodes.Count - published; i < sequence.Nodes.Count; i++)
            {
                state.Transfers.CopyLater(sequence.Nodes[i]);
            }
        }
    }

    /// <returns>Tokens of the prompt that were computed for the first time.</returns>
    private static int CountComputed(SchedulerState state, SequenceState sequence, SequenceSlice slice)
    {
        var end = slice.Start + slice.Tokens.Length;
        var seen = Math.Clamp(sequence.ComputedTokensMax, slice.Start, end);
        var prompt = Math.Max(0, Math.Min(end, sequence.PromptTokens) - seen);
        state.Counters = state.Counters with
        {
            RecomputedTokens = state.Counters.RecomputedTokens + (seen - slice.Start),
            PromptTokens = state.Counters.PromptTokens + prompt,
        };
        return prompt;
    }
}
