using Rubato.Core;

namespace Rubato.Serving.Planning;

/// <summary>Who shall be on the device: the policy's order, as far as memory, places and tokens last.</summary>
/// <remarks>
/// Strict: it stops at the first that does not fit, unless the options say otherwise. What a sequence that was brought in and has not had its quantum
/// holds is not given to one that is not on the device. Behind one that waits for such a quantum, or whose beginning is being computed for another, nobody
/// comes, but residents stay. One that is not on the device is selected only when a block of growth is left for everybody.
/// </remarks>
internal sealed class Selection(SchedulerState state)
{
    private readonly List<KvNodeList> _chains = [];
    private long _step;
    private int _blocks;
    private int _reserved;
    private int _growth;
    private int _tokens;
    private bool _newcomersWait;

    /// <summary>Those that were on the device before, in the policy's order.</summary>
    public List<SequenceState> Residents { get; } = [];

    /// <summary>Those that come, in the policy's order.</summary>
    public List<SequenceState> Newcomers { get; } = [];

    /// <summary>Those on the device that were not selected, in the policy's order.</summary>
    public List<SequenceState> Unselected { get; } = [];

    /// <summary>The chain of a newcomer.</summary>
    public KvNodeList ChainOf(int newcomer) => _chains[newcomer];

    /// <summary>Selects for the step with this number.</summary>
    public void Run(long step, long iteration, Instant now)
    {
        (_step, _blocks, _reserved, _growth, _tokens, _newcomersWait) = (step, 0, 0, 0, 0, false);
        Residents.Clear();
        Newcomers.Clear();
        Unselected.Clear();
        state.Running.InOfferedOrder.Clear();
        state.Policy.BeginSelection(state.Live, iteration, now);
        var stopped = false;
        Reserve();
        while (state.Policy.Next() is { } offered)
        {
            var sequence = (SequenceState)offered;
            if (!stopped && Fits(sequence))
            {
                Take(sequence);
            }
            else
            {
                stopped |= !state.Limits.Switching.SkipToFit && !_newcomersWait;
                if (sequence.Phase == SequencePhase.Running)
                {
                    state.Running.InOfferedOrder.Add(sequence);
                    Unselected.Add(sequence);
                }
            }
        }
    }

    /// <summary>A newcomer that found no memory after all.</summary>
    public void DropLastNewcomer() => Newcomers.RemoveAt(Newcomers.Count - 1);

    /// <summary>Room is kept from newcomers for those on the device that have not had their quantum.</summary>
    private void Reserve()
    {
        var running = state.Running.InOrder;
        for (var i = 0; i < running.Count; i++)
        {
            var sequence = running[i];
            sequence.ReservedBlocks = IsInQuantum(sequence) ? Demand(sequence, count: false) : 0;
            _reserved += sequence.ReservedBlocks;
        }
    }

    /// <summary>Whether a sequence on the device may not be displaced by one that is not.</summary>
    public bool IsInQuantum(SequenceState sequence) => sequence.TokensSinceResumed < state.Limits.Switching.QuantumTokens;

    private bool Fits(SequenceState sequence)
    {
        if (Residents.Count + Newcomers.Count >= state.Limits.RunningMax)
        {
            return false;
        }

        if (sequence.Phase == SequencePhase.Running)
        {
            return _blocks + Demand(sequence, count: false) <= state.Store.Device.Total;
        }

        return !_newcomersWait && _tokens < state.Limits.TokenBudgetPerStep && FitsNewcomer(sequence);
    }

    private bool FitsNewcomer(SequenceState sequence)
    {
        var chain = NextChain();
        state.Store.FindChain(sequence, chain.Nodes);
        chain.Tail = state.TailBehind(sequence, chain.Nodes);
        sequence.MatchedTokens = (chain.Nodes.Count * state.Limits.BlockTokens) + (chain.Tail?.Tokens.Length ?? 0);
        var blocks = _blocks + Demand(sequence, chain) + _growth + BlocksOfGrowth(sequence);
        var total = state.Store.Device.Total;
        _newcomersWait = blocks <= total && (blocks + _reserved > total || IsComing(sequence, chain));
        return !_newcomersWait && blocks <= total;
    }

    /// <summary>Whether what a waiting sequence begins with is being computed for another: then it is found a little later.</summary>
    private bool IsComing(SequenceState sequence, KvNodeList chain)
    {
        if (!state.Limits.PrefixCaching || sequence.Phase == SequencePhase.Swapped || sequence.Request.HiddenStates == HiddenStateUse.All)
        {
            return false;
        }

        var running = state.Running.InOrder;
        for (var i = 0; i < running.Count; i++)
        {
            if (state.Store.IsComing(sequence, chain.Nodes, running[i], running[i].Nodes, running[i].ComputedTokens))
            {
                return true;
            }
        }

        for (var i = 0; i < Newcomers.Count; i++)
        {
            if (state.Store.IsComing(sequence, chain.Nodes, Newcomers[i], _chains[i].Nodes, Newcomers[i].MatchedTokens))
            {
                return true;
            }
        }

        return false;
    }

    private void Take(SequenceState sequence)
    {
        state.Running.InOfferedOrder.Add(sequence);
        if (sequence.Phase == SequencePhase.Running)
        {
            Count(sequence);
            Residents.Add(sequence);
        }
        else
        {
            _blocks += Demand(sequence, NextChain());
            CountChain(NextChain());
            Tally(sequence, sequence.KnownTokens - sequence.MatchedTokens);
            Newcomers.Add(sequence);
        }

        state.Policy.Take(sequence);
    }

    private void Count(SequenceState sequence)
    {
        _blocks += Demand(sequence, count: true);
        _reserved -= sequence.ReservedBlocks;
        Tally(sequence, sequence.PendingTokens);
    }

    private void Tally(SequenceState sequence, int pending)
    {
        _growth += BlocksOfGrowth(sequence);
        _tokens += Math.Min(pending, state.Limits.TokenBudgetPerStep - Math.Min(_tokens, state.Limits.TokenBudgetPerStep));
    }

    /// <summary>Blocks of a resident that nobody selected before it has, and those that it grows by.</summary>
    private int Demand(SequenceState sequence, bool count)
    {
        var demand = Math.Max(0, state.Limits.BlocksFor(sequence.KnownTokens) - sequence.Blocks.Length);
        foreach (var block in sequence.Blocks)
        {
            var slot = state.Store.Device[block];
            demand += slot.CountedIn == _step ? 0 : 1;
            if (count)
            {
                slot.CountedIn = _step;
            }
        }

        return demand;
    }

    /// <summary>Blocks of a newcomer that nobody selected before it has.</summary>
    private int Demand(SequenceState sequence, KvNodeList chain)
    {
        var demand = state.Limits.BlocksFor(sequence.KnownTokens);
        foreach (var node in chain.Nodes)
        {
            demand -= state.Store.Device.TryGet(node, out var slot) && slot.CountedIn == _step ? 1 : 0;
        }

        return demand;
    }

    private void CountChain(KvNodeList chain)
    {
        foreach (var node in chain.Nodes)
        {
            if (state.Store.Device.TryGet(node, out var slot))
            {
                slot.CountedIn = _step;
            }
        }
    }

    /// <summary>1 when the sequence may one day need another block than those of its known tokens, else 0.</summary>
    private int BlocksOfGrowth(SequenceState sequence) =>
        state.Limits.BlocksFor(sequence.KnownTokens) < state.Limits.BlocksFor(sequence.FedTokensMax) ? 1 : 0;

    private KvNodeList NextChain()
    {
        while (_chains.Count <= Newcomers.Count)
        {
            _chains.Add(new());
        }

        return _chains[Newcomers.Count];
    }
}
