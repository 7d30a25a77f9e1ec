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
        if (state.Limits.Switching.Batch == BatchForm.Mixed)
        {
            AddAll(selection.Residents, IsDecode);
            AddAll(selection.Unselected, IsDecode);
            AddAll(selection.Residents, IsPrompt);
            AddAll(selection.Unselected, IsPrompt);
            AddAll(selection.Newcomers, CanRun);
            return;
        }

        Func<SequenceState, bool> form = HasPrompt(selection) ? IsPrompt : IsDecode;
        AddAll(selection.Residents, form);
        AddAll(selection.Unselected, form);
        AddAll(selection.Newcomers, form);
    }

    public ImmutableArray<SequenceSlice> Take() => [.. _slices];

    private static bool HasPrompt(Selection selection) =>
        selection.Residents.Exists(IsPrompt) || selection.Newcomers.Exists(IsPrompt) || selection.Unselected.Exists(IsPrompt);

    private static bool IsPrompt(SequenceState sequence) => CanRun(sequence) && !sequence.IsDecoding;

    private static bool IsDecode(SequenceState sequence) => CanRun(sequence) && sequence.IsDecoding;

    private static bool CanRun(SequenceState sequence) =>
        sequence.Phase == SequencePhase.Running && sequence.WaitsFor.Count == 0;

    private void AddAll(List<SequenceState> sequences, Func<SequenceState, bool> form)
    {
        foreach (var sequence in sequences)
        {
            if (_tokensLeft > 0 && form(sequence) && sequence.Blocks.Length >= state.Limits.BlocksFor(sequence.KnownTokens))
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
