using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Tests.Switching;

/// <summary>
/// Drives a scheduler with two arenas of pretended memory and a transfer engine that takes random time, copies block by block, fails and
/// cancels. A position's keys and values are the hash of all tokens up to it, so that whatever is read can be checked.
/// </summary>
internal sealed class TwoTierWorld
{
    private readonly Scheduler _scheduler;
    private readonly Prng _prng;
    private readonly int _blockTokens;
    private readonly ulong[,] _device;
    private readonly ulong[,] _swap;
    private readonly List<Moving> _moving = [];
    private readonly Dictionary<RequestId, List<int>> _tokens = [];
    private readonly HashSet<RequestId> _cancelled = [];
    private long _now;

    public TwoTierWorld(SchedulerOptions options, ulong seed)
    {
        _scheduler = new(options);
        _prng = new(seed);
        _blockTokens = options.BlockTokens;
        _device = new ulong[options.KvBlocks, _blockTokens];
        _swap = new ulong[Math.Max(1, options.Switching.SwapBlocks), _blockTokens];
    }

    public Scheduler Scheduler => _scheduler;

    /// <summary>Transfers that fail, in a thousand.</summary>
    public ulong FailPerMille { get; init; }

    public Dictionary<RequestId, FinishedRequest> Finished { get; } = [];

    /// <summary>The tokens of a request so far.</summary>
    public IReadOnlyList<int> TokensOf(RequestId id) => _tokens[id];

    /// <summary>The text of a request depends on nothing but its prompt: what every undisturbed run gives.</summary>
    public static int NextToken(IReadOnlyList<int> tokens)
    {
        var hash = 17UL;
        foreach (var token in tokens)
        {
            hash = Prng.Mix(hash, (ulong)token);
        }

        return (int)(hash % 50) + 1;
    }

    public AdmissionOutcome Admit(Request request)
    {
        var outcome = _scheduler.Admit(request, Tick());
        if (outcome == AdmissionOutcome.Admitted)
        {
            _tokens[request.Id] = [.. request.PromptTokens];
        }

        return outcome;
    }

    public void Cancel(RequestId id)
    {
        if (_scheduler.Cancel(id, Tick()))
        {
            _cancelled.Add(id);
        }
    }

    /// <summary>One plan, when one is due, with transfers moving before, beside and after it.</summary>
    /// <returns>Whether anything is left to happen.</returns>
    public bool Advance()
    {
        MoveSome();
        if (_scheduler.NextWakeup is null)
        {
            if (_moving.Count == 0)
            {
                Assert.Equal(0, _scheduler.Snapshot.Running + _scheduler.Snapshot.Waiting);
                return false;
            }

            MoveOne(_moving[0]);
            return true;
        }

        var plan = _scheduler.Plan(Tick());
        Submit(plan);
        Execute(plan);
        return true;
    }

    private Instant Tick() => new(++_now);

    private void Submit(StepPlan plan)
    {
        foreach (var order in plan.Transfers)
        {
            Assert.NotEmpty(order.Runs);
            CheckAlone(order);
            _moving.Add(new(order, _prng.Chance(FailPerMille, 1000)));
        }

        foreach (var ticket in plan.CancelledTransfers)
        {
            var moving = Assert.Single(_moving, moving => moving.Order.Ticket == ticket);
            moving.IsCancelled = _prng.NextInt32(2) == 0;
        }
    }

    /// <summary>I1 and I2 among transfers: what one writes no other writes; it reads it only before, when the order says so.</summary>
    private void CheckAlone(TransferOrder order)
    {
        foreach (var other in _moving)
        {
            var (writes, reads) = (Destinations(order), Sources(order));
            Assert.False(writes.Overlaps(Destinations(other.Order)) && order.Direction == other.Order.Direction, $"{order} and {other.Order} write one block");
            var crossing = order.Direction != other.Order.Direction && (writes.Overlaps(Sources(other.Order)) || reads.Overlaps(Destinations(other.Order)));
            Assert.True(!crossing || order.After.Contains(other.Order.Ticket), $"{order} does not wait for {other.Order}");
        }
    }

    private static HashSet<int> Destinations(TransferOrder order) => [.. order.Runs.SelectMany(run => Enumerable.Range(run.Destination, run.Count))];

    private static HashSet<int> Sources(TransferOrder order) => [.. order.Runs.SelectMany(run => Enumerable.Range(run.Source, run.Count))];

    private void MoveSome()
    {
        for (var moves = _prng.NextInt32(6); moves > 0 && _moving.Count > 0; moves--)
        {
            MoveOne(_moving[_prng.NextInt32(_moving.Count)]);
        }
    }

    private void MoveOne(Moving moving)
    {
        if (moving.Order.After.Any(ticket => _moving.Exists(other => other.Order.Ticket == ticket)))
        {
            return;
        }

        if (moving.IsCancelled || (moving.Fails && moving.Copied == moving.Blocks.Count / 2))
        {
            End(moving, moving.IsCancelled ? TransferOutcome.Cancelled : TransferOutcome.Failed);
            return;
        }

        var (source, destination) = moving.Blocks[moving.Copied++];
        var (from, to) = moving.Order.Direction == TransferDirection.Out ? (_device, _swap) : (_swap, _device);
        for (var offset = 0; offset < _blockTokens; offset++)
        {
            to[destination, offset] = from[source, offset];
        }

        if (moving.Copied == moving.Blocks.Count)
        {
            End(moving, TransferOutcome.Done);
        }
    }

    private void End(Moving moving, TransferOutcome outcome)
    {
        if (outcome != TransferOutcome.Done)
        {
            Spoil(moving.Order);
        }

        _moving.Remove(moving);
        _scheduler.TransferEnded(moving.Order.Ticket, outcome, Tick());
    }

    private void Spoil(TransferOrder order)
    {
        var memory = order.Direction == TransferDirection.Out ? _swap : _device;
        foreach (var block in Destinations(order))
        {
            for (var offset = 0; offset < _blockTokens; offset++)
            {
                memory[block, offset] = 0xdead;
            }
        }
    }

    private void Execute(StepPlan plan)
    {
        foreach (var slice in plan.Slices)
        {
            CheckReads(plan, slice);
        }

        var result = new List<SampledToken>();
        foreach (var slice in plan.Slices)
        {
            var tokens = _tokens[slice.Request];
            Assert.Equal(tokens.Skip(slice.Start).Take(slice.Tokens.Length), slice.Tokens);
            for (var position = slice.Start; position < slice.Start + slice.Tokens.Length; position++)
            {
                Write(slice, position, tokens);
            }

            if (slice.Samples)
            {
                Assert.Equal(tokens.Count, slice.Start + slice.Tokens.Length);
                result.Add(new(slice.Request, NextToken(tokens)));
            }
        }

        MoveSome();
        Absorb(_scheduler.Complete(plan, new([.. result]), Tick()));
    }

    private void Absorb(StepCompletion completion)
    {
        foreach (var token in completion.Emitted)
        {
            Assert.DoesNotContain(token.Request, _cancelled);
            _tokens[token.Request].Add(token.Token);
        }

        foreach (var request in completion.Finished)
        {
            Finished.Add(request.Id, request);
        }
    }

    private void CheckReads(StepPlan plan, SequenceSlice slice)
    {
        var tokens = _tokens[slice.Request];
        for (var position = 0; position < slice.Start; position++)
        {
            var found = _device[slice.Blocks[position / _blockTokens].Value, position % _blockTokens];
            Assert.True(found == ValueAt(tokens, position), $"step {plan.Step}: {slice.Request} finds {found:x} at {position}");
        }

        var read = Enumerable.Range(0, (slice.Start + _blockTokens - 1) / _blockTokens).Select(index => slice.Blocks[index].Value).ToHashSet();
        Assert.DoesNotContain(_moving, moving => moving.Order.Direction == TransferDirection.In && Destinations(moving.Order).Overlaps(read));
    }

    private void Write(SequenceSlice slice, int position, List<int> tokens)
    {
        var block = slice.Blocks[position / _blockTokens].Value;
        foreach (var moving in _moving)
        {
            var touched = moving.Order.Direction == TransferDirection.Out ? Sources(moving.Order) : Destinations(moving.Order);
            Assert.False(touched.Contains(block), $"{slice.Request} writes block {block} in {moving.Order}");
        }

        _device[block, position % _blockTokens] = ValueAt(tokens, position);
    }

    private static ulong ValueAt(List<int> tokens, int position)
    {
        var hash = 99UL;
        for (var i = 0; i <= position; i++)
        {
            hash = Prng.Mix(hash, (ulong)tokens[i]);
        }

        return hash;
    }

    private sealed class Moving(TransferOrder order, bool fails)
    {
        public TransferOrder Order => order;

        public bool Fails => fails;

        public bool IsCancelled { get; set; }

        public int Copied { get; set; }

        public List<(int Source, int Destination)> Blocks { get; } =
            [.. order.Runs.SelectMany(run => Enumerable.Range(0, run.Count).Select(i => (run.Source + i, run.Destination + i)))];
    }
}
