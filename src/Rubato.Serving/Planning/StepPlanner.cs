using Rubato.Core;
using Rubato.Serving.Preemption;

namespace Rubato.Serving.Planning;

/// <summary>Continuous batching with chunked prefill: who gets tokens and blocks in the next step.</summary>
internal sealed class StepPlanner(SchedulerState state, IPreemptionPolicy preemption)
{
    private readonly List<SequenceSlice> _slices = [];
    private readonly List<RequestId> _preempted = [];
    private int _tokensLeft;

    /// <remarks>
    /// 1. Every decoding sequence, in queue order, gets the block of its next token; when none is free, others are preempted.
    /// 2. Decodes first: one token each. 3. Prefills that have begun continue, in queue order, in chunks within the budget.
    /// 4. Waiting sequences are admitted in queue order, never past one that does not fit, and not in a step that preempted. What the
    /// prefix cache holds of them is not fed; one whose next block a running sequence is about to compute waits for it.
    /// </remarks>
    public StepPlan Plan(long step, Instant now)
    {
        _slices.Clear();
        _preempted.Clear();
        _tokensLeft = state.Limits.TokenBudgetPerStep;

        SecureBlocksOfDecodes();
        AddSlices(decoding: true);
        AddSlices(decoding: false);
        if (_preempted.Count == 0)
        {
            AdmitWaiting();
        }

        var live = state.Running.Count + state.Waiting.Count;
        Check.Invariant(_slices.Count > 0 || live == 0, $"step {step} plans nothing for {live} sequences");
        return new() { Step = step, PlannedAt = now, Slices = [.. _slices], Preempted = [.. _preempted] };
    }

    private void SecureBlocksOfDecodes()
    {
        foreach (var sequence in state.Running.InOrder.ToArray())
        {
            while (sequence.Phase == SequencePhase.Running && sequence.BlocksHeld < state.Limits.BlocksFor(sequence.KnownTokens))
            {
                if (state.Pool.Free > 0)
                {
                    sequence.Blocks = sequence.Blocks.AddRange(state.Pool.Allocate(1));
                }
                else
                {
                    PreemptOne();
                }
            }
        }
    }

    private void PreemptOne()
    {
        var candidates = state.Running.InOrder.Skip(1).ToArray();
        Check.Invariant(candidates.Length > 0, $"a lone sequence holds the whole pool of {state.Pool.Total} blocks and wants more");
        var victim = preemption.SelectVictim(candidates);
        Check.Invariant(victim >= 0 && victim < candidates.Length, $"policy {preemption.Name} chose {victim} of {candidates.Length}");
        _preempted.Add(candidates[victim].Id);
        state.Preempt(candidates[victim]);
    }

    private void AddSlices(bool decoding)
    {
        foreach (var sequence in state.Running.InOrder)
        {
            if (sequence.IsDecoding == decoding && _tokensLeft > 0)
            {
                AddSlice(sequence);
            }
        }
    }

    private void AdmitWaiting()
    {
        var reserve = state.Running.InOrder.Sum(BlocksOfGrowth);
        while (_tokensLeft > 0 && state.Running.Count < state.Limits.RunningMax && state.Waiting.TryPeek(out var head))
        {
            var cached = state.Cache?.Find(head) ?? [];
            if (state.Cache?.IsComing(head, cached, state.Running.InOrder) == true)
            {
                break;
            }

            // Room for all that is known, not for the next chunk only, and a block of growth for everyone: else the admitted
            // sequence would push out another or be pushed out again before it has gained a token.
            reserve += BlocksOfGrowth(head);
            var shared = cached.Count(block => !state.Pool.IsFree(block));
            if (state.Pool.Free < state.Limits.BlocksFor(head.KnownTokens) - shared + reserve)
            {
                break;
            }

            state.Start(head, cached);
            AddSlice(head);
        }
    }

    private void AddSlice(SequenceState sequence)
    {
        var start = sequence.ComputedTokens;
        var count = Math.Min(sequence.PendingTokens, _tokensLeft);
        _tokensLeft -= count;
        sequence.InFlight = true;
        var wanted = sequence.Request.HiddenStates;
        var isLast = start + count == sequence.KnownTokens;
        var samples = isLast && wanted == HiddenStateUse.None;
        _slices.Add(new()
        {
            Request = sequence.Id,
            Start = start,
            Tokens = sequence.TokensAt(start, count),
            Blocks = sequence.Blocks,
            Samples = samples,
            HiddenStates = wanted == HiddenStateUse.Last && !isLast ? HiddenStateUse.None : wanted,
            Sampling = sequence.Request.Sampling,
            History = samples && sequence.NeedsHistory ? sequence.History : null,
            Constraint = sequence.Request.Constraint,
        });
    }

    /// <summary>1 when the sequence may one day need another block than those of its known tokens, else 0.</summary>
    private int BlocksOfGrowth(SequenceState sequence) =>
        state.Limits.BlocksFor(sequence.KnownTokens) < state.Limits.BlocksFor(sequence.FedTokensMax) ? 1 : 0;
}
