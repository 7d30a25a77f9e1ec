using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Serving;

/// <summary>One forward pass: an immutable order from the scheduler to the executor, complete in itself.</summary>
public sealed record StepPlan
{
    /// <summary>Number of the step, from 0.</summary>
    public required long Step { get; init; }

    /// <summary>When it was planned.</summary>
    public required Instant PlannedAt { get; init; }

    /// <summary>The work, one slice per sequence, in the order of execution; empty when there is nothing to run.</summary>
    public required ImmutableArray<SequenceSlice> Slices { get; init; }

    /// <summary>Requests that lost their KV blocks in this step and wait for recomputation.</summary>
    public ImmutableArray<RequestId> Preempted { get; init; } = [];

    /// <summary>Blocks to move, to be started now, whatever the slices are; <see cref="IScheduler.TransferEnded"/> reports their ends.</summary>
    public ImmutableArray<TransferOrder> Transfers { get; init; } = [];

    /// <summary>Tickets of earlier orders whose rest nobody needs any more. They still end, as done or as cancelled.</summary>
    public ImmutableArray<long> CancelledTransfers { get; init; } = [];

    /// <summary>Tokens over all slices.</summary>
    public int TokenCount => Slices.Sum(slice => slice.Tokens.Length);
}

/// <summary>The share of one sequence in a step: feed these tokens at these positions, into these blocks.</summary>
public sealed record SequenceSlice
{
    /// <summary>The request that the sequence belongs to.</summary>
    public required RequestId Request { get; init; }

    /// <summary>Position of the first token of the slice in its sequence; all earlier positions are in the KV blocks already.</summary>
    public required int Start { get; init; }

    /// <summary>Token ids to feed at positions Start, Start + 1, …; at least one.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>
    /// Block table: position p lives in Blocks[p / blockTokens], at offset p % blockTokens. Covers the slice, at least.
    /// </summary>
    public required ImmutableArray<BlockId> Blocks { get; init; }

    /// <summary>Whether the logits after the last token are sampled (false for every prefill chunk but the last).</summary>
    public required bool Samples { get; init; }

    /// <summary>Of which tokens of the slice the hidden states are wanted; never together with <see cref="Samples"/>.</summary>
    public HiddenStateUse HiddenStates { get; init; }

    /// <summary>How to sample.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>
    /// The sequence's tokens, when sampling looks at them (<see cref="SamplingParameters.NeedsHistory"/>, or a constraint); else null.
    /// It follows from the request and the results of earlier steps: a journal does not repeat it.
    /// </summary>
    public TokenHistory? History { get; init; }

    /// <summary>What may be sampled; null allows everything.</summary>
    public ITokenConstraint? Constraint { get; init; }
}
