using Rubato.Core;
using Rubato.Serving.Switching;

namespace Rubato.Serving.Planning;

/// <summary>Continuous batching over two tiers: who is on the device, what moves, and who gets tokens in the next step.</summary>
/// <remarks>
/// 0. Order what may be copied some time. 1. Select. 2. Preempt as many of the others as the selected need room. 3. Give residents the blocks of their next tokens. 4. Start the
/// newcomers: hold, bring in, and take blocks. 5. Decide whether the step waits for what is brought in.
/// 6. Slices: decodes first, one token each, then prompts in the policy's order, in chunks within the budget.
/// </remarks>
internal sealed class StepPlanner
{
    private const int LazyBlocksPerStep = 512;
    private readonly SchedulerState _state;
    private readonly Selection _selection;
    private readonly SliceBuilder _slices;
    private readonly List<RequestId> _preempted = [];
    private readonly List<BlockId> _scratch = [];
    private readonly HashSet<long> _barrier = [];

    public StepPlanner(SchedulerState state)
    {
        _state = state;
        _selection = new(state);
        _slices = new(state);
    }

    /// <summary>Whether no step may run before transfers have ended.</summary>
    public bool IsWaiting => _barrier.Count > 0;

    /// <summary>Whether there is something to copy out although nobody is to be served.</summary>
    public bool WantsToCopy => _state.Transfers.LazyCount > 0 && _state.Transfers.Ledger.Count == _state.Transfers.Ledger.UrgentCount;

    /// <summary>A transfer has ended.</summary>
    public void TransferEnded(long ticket) => _barrier.Remove(ticket);

    public StepPlan Plan(long step, long iteration, Instant now)
    {
        _preempted.Clear();
        _slices.Begin();
        CopyLazily(now); // Before memory is taken: what is being copied out is taken last.
        if (!IsWaiting && _state.Live.Count > 0)
        {
            _selection.Run(step, iteration, now);
            MakeRoom(now);
            GrowResidents();
            var started = StartNewcomers(now);
            Decide(started);
            if (!IsWaiting)
            {
                _slices.Build(_selection);
            }
        }

        var slices = _slices.Take();
        Check.Invariant(
            slices.Length > 0 || _state.Live.Count == 0 || _state.Transfers.Ledger.Count > 0,
            $"step {step} plans nothing for {_state.Live.Count} sequences");
        return new()
        {
            Step = step,
            PlannedAt = now,
            Slices = slices,
            Preempted = [.. _preempted],
            Transfers = _state.Transfers.Ledger.TakeOrders(),
            CancelledTransfers = _state.Transfers.Ledger.TakeCancelled(),
        };
    }

    private void MakeRoom(Instant now)
    {
        if (_state.Limits.Switching.Victims == VictimRule.AllUnselected)
        {
            while (_selection.Unselected.Count > 0)
            {
                PreemptLast(_selection.Unselected, now);
            }
        }

        while (NeededByResidents() > _state.Store.Device.Available
            && (_selection.Unselected.Count > 0 ? PreemptLast(_selection.Unselected, now) : PreemptResident(now)))
        {
        }

        while (_selection.Newcomers.Count > 0
            && (NeededByResidents() + NeededByNewcomers() > _state.Store.Device.Available || TooMany()))
        {
            if (_selection.Unselected.FindLastIndex(sequence => !_selection.IsInQuantum(sequence)) is var victim and >= 0)
            {
                Preempt(_selection.Unselected, victim, now);
            }
            else
            {
                _selection.DropLastNewcomer();
            }
        }
    }

    private bool TooMany() =>
        _state.Running.Count + _selection.Newcomers.Count > _state.Limits.RunningMax;

    /// <summary>Blocks by which those that stay grow.</summary>
    private int NeededByResidents()
    {
        var needed = 0;
        foreach (var sequence in _selection.Residents)
        {
            needed += Growth(sequence);
        }

        return needed;
    }

    /// <summary>Blocks that those that come take from what nobody holds.</summary>
    private int NeededByNewcomers()
    {
        var needed = 0;
        for (var i = 0; i < _selection.Newcomers.Count; i++)
        {
            var chain = _selection.ChainOf(i);
            var (device, unheld) = (0, 0);
            _state.CountHomes(chain.Nodes, chain.Tail, ref device, ref unheld);
            needed += _state.Limits.BlocksFor(_selection.Newcomers[i].KnownTokens) - device + unheld;
        }

        return needed;
    }

    private int Growth(SequenceState sequence) => Math.Max(0, _state.Limits.BlocksFor(sequence.KnownTokens) - sequence.Blocks.Length);

    private bool PreemptLast(List<SequenceState> sequences, Instant now)
    {
        Preempt(sequences, sequences.Count - 1, now);
        return true;
    }

    private void Preempt(List<SequenceState> sequences, int index, Instant now)
    {
        var victim = sequences[index];
        sequences.RemoveAt(index);
        _preempted.Add(victim.Id);
        _state.Preempt(victim, now);
    }

    /// <summary>A selected one must go, for what was counted as room is being written or read by transfers. Never the first.</summary>
    private bool PreemptResident(Instant now) => _selection.Residents.Count > 1 && PreemptLast(_selection.Residents, now);

    private void GrowResidents()
    {
        foreach (var sequence in _selection.Residents)
        {
            Grow(sequence, Growth(sequence));
        }
    }

    private void Grow(SequenceState sequence, int blocks)
    {
        if (blocks == 0 || blocks > _state.Store.Device.Available)
        {
            return;
        }

        _scratch.Clear();
        _state.Store.Device.Allocate(sequence.ArrivalNumber, blocks, _scratch);
        foreach (var block in _scratch)
        {
            _state.WaitForMemory(sequence, _state.Store.Device[block]);
        }

        sequence.Blocks = sequence.Blocks.AddRange(_scratch);
    }

    /// <returns>How many of them have blocks brought in.</returns>
    private int StartNewcomers(Instant now)
    {
        var incoming = 0;
        for (var i = 0; i < _selection.Newcomers.Count; i++)
        {
            var sequence = _selection.Newcomers[i];

            // What an earlier newcomer took or displaced may have been a home of this one.
            var chain = _selection.ChainOf(i);
            _state.Store.FindChain(sequence, chain.Nodes);
            if (!_state.TryStart(sequence, chain.Nodes, _scratch, now))
            {
                break;
            }

            incoming += sequence.WaitsFor.Count > 0 ? 1 : 0;
        }

        foreach (var sequence in _selection.Unselected)
        {
            Grow(sequence, Growth(sequence));
        }

        return incoming;
    }

    /// <summary>Whether the step waits for the transfers that this plan orders.</summary>
    private void Decide(int incoming)
    {
        var ordered = _state.Transfers.Ledger.Ordered;
        if (!IsSwitch(ordered))
        {
            return;
        }

        if (!Waits(incoming))
        {
            _state.Counters = _state.Counters with { OverlappedSwitches = _state.Counters.OverlappedSwitches + (incoming > 0 ? 1 : 0) };
            return;
        }

        foreach (var record in ordered)
        {
            if (record.Lane == Transfers.TransferLane.Urgent || _state.Limits.Switching.Timing == SwitchTiming.Synchronous)
            {
                _barrier.Add(record.Ticket);
            }
        }

        _state.Counters = _state.Counters with { WaitedSwitches = _state.Counters.WaitedSwitches + 1 };
    }

    /// <summary>Whether somebody waits for what this plan has ordered; in synchronous mode everybody waits for everything.</summary>
    private bool IsSwitch(IReadOnlyList<TransferRecord> ordered)
    {
        for (var i = 0; i < ordered.Count; i++)
        {
            if (ordered[i].Lane == Transfers.TransferLane.Urgent || _state.Limits.Switching.Timing == SwitchTiming.Synchronous)
            {
                return true;
            }
        }

        return false;
    }

    private bool Waits(int incoming)
    {
        switch (_state.Limits.Switching.Timing)
        {
            case SwitchTiming.Synchronous:
                return true;
            case SwitchTiming.Asynchronous:
                return false;
            default:
                return incoming > 0 && WaitingIsCheaper(incoming);
        }
    }

    private bool WaitingIsCheaper(int incoming)
    {
        var (blocksIn, blocksOut) = (0, 0);
        foreach (var record in _state.Transfers.Ledger.Ordered)
        {
            if (record.Direction == Transfers.TransferDirection.In)
            {
                blocksIn += record.Nodes.Count;
            }
            else
            {
                blocksOut += record.Nodes.Count;
            }
        }

        var runnable = 0;
        foreach (var sequence in _state.Running.InOrder)
        {
            runnable += sequence.WaitsFor.Count == 0 ? 1 : 0;
        }

        var estimator = _state.Transfers.Estimator;
        return SwitchRule.Waits(runnable, incoming, estimator.Transfer(blocksOut, blocksIn), estimator.Step);
    }

    private void CopyLazily(Instant now)
    {
        if (WantsToCopy)
        {
            _state.Transfers.CopyLazily(LazyBlocksPerStep, now);
        }
    }
}
