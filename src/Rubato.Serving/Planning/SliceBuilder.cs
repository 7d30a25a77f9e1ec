using System.Collections.Immutable;
using Rubato.Serving.Switching;

namespace Rubato.Serving.Planning;

/// <summary>Who of those on the device gets tokens in the next step, and how many.</summary>
internal sealed class SliceBuilder(SchedulerState state)
{
    private readonly List<SequenceSlice> _slices = [];
    private int _tokensLeft;

    public void Begin()
    {
        _slices.Clear();
        _tokensLeft = state.Limits.TokenBudgetPerStep;
    }

    public void Build(Selection selection)
    {
        var promptsOnly = state.Limits.Switching.Batch == BatchForm.PromptsFirst && HasPrompt(selection);
        if (!promptsOnly)
        {
            AddAll(selection, decoding: true);
        }

        if (promptsOnly || state.Limits.Switching.Batch == BatchForm.Mixed)
        {
            AddAll(selection, decoding: false);
        }
    }

    public ImmutableArray<SequenceSlice> Take() => [.. _slices];

    private static bool HasPrompt(Selection selection) =>
        selection.Residents.Exists(IsPrompt) || selection.Newcomers.Exists(IsPrompt) || selection.Unselected.Exists(IsPrompt);

    private static bool IsPrompt(SequenceState sequence) => CanRun(sequence) && !sequence.IsDecoding;

    private static bool CanRun(SequenceState sequence) =>
        sequence.Phase == SequencePhase.Running && sequence.WaitsFor.Count == 0;

    private void AddAll(Selection selection, bool decoding)
    {
        AddAll(selection.Residents, decoding);
        AddAll(selection.Newcomers, decoding);
        AddAll(selection.Unselected, decoding);
    }

    private void AddAll(List<SequenceState> sequences, bool decoding)
    {
        foreach (var sequence in sequences)
        {
            if (_tokensLeft > 0
                && CanRun(sequence)
                && sequence.IsDecoding == decoding
                && sequence.Blocks.Length >= state.Limits.BlocksFor(sequence.KnownTokens))
            {
                AddSlice(sequence);
            }
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
}
