using System.Collections.Immutable;
using CsCheck;
using Rubato.Core;
using Rubato.Serving.Transfers;
using Rubato.Simulation.Serving.Links;

namespace Rubato.Simulation.Tests.Serving.Links;

public sealed class SimulatedLinkTests
{
    private static readonly LinkProfile Profile = LinkProfileTests.LayerMajor(32);

    [Theory]
    [InlineData(1, 4032, 29_476_823)]
    [InlineData(20, 256, 6_820_823)]
    [InlineData(63, 64, 5_668_823)]
    public void A_lone_transfer_takes_the_time_of_its_plan_and_as_many_calls_as_it_has_runs(int runBlocks, long calls, long nanoseconds)
    {
        var (clock, link) = Make();
        link.Submit(Order(7, TransferDirection.Out, RunsOf(63, runBlocks)));
        Assert.Equal(new Instant(nanoseconds), link.NextEvent);
        Assert.False(link.TryTakeEnded(out _));

        var ended = Assert.Single(Drain(clock, link)).Ended;
        Assert.Equal(new(7, TransferOutcome.Done, calls, 63 * Profile.BlockBytes), ended);
        Assert.Equal(nanoseconds, clock.Now.Nanoseconds);
        Assert.Equal(0, link.InFlight);
    }

    [Fact]
    public void An_engine_that_copies_block_by_block_takes_no_advantage_of_runs()
    {
        var (clock, link) = Make(new() { AssumedRunBlocks = 1 });
        link.Submit(Order(0, TransferDirection.In, RunsOf(63, 63)));
        Assert.Equal(4032, Assert.Single(Drain(clock, link)).Ended.Copies);
        Assert.Equal(29_476_823, clock.Now.Nanoseconds);
    }

    [Fact]
    public void Both_directions_at_once_share_the_bandwidth_and_not_the_calls()
    {
        var (clock, link) = Make();
        link.Submit(Order(0, TransferDirection.Out, RunsOf(63, 63)));
        link.Submit(Order(1, TransferDirection.In, RunsOf(63, 63)));
        var ends = Drain(clock, link);
        var expected = Profile.CallSeconds(TransferDirection.Out, 1) + Profile.WireSeconds(TransferDirection.Out, 63) / 0.83;
        Assert.All(ends, end => Assert.Equal(expected, end.At.Seconds, 2e-9));
    }

    [Fact]
    public void A_transfer_that_starts_beside_another_slows_it_from_there_on()
    {
        var (clock, link) = Make();
        var alone = Profile.SecondsOf(TransferDirection.Out, 1, 63);
        link.Submit(Order(0, TransferDirection.Out, RunsOf(63, 63)));
        clock.AdvanceTo(Instant.Zero + Duration.FromSeconds(alone / 2));
        link.Submit(Order(1, TransferDirection.In, RunsOf(63, 63)));
        var ends = Drain(clock, link);

        var duplex = Profile.CallSeconds(TransferDirection.Out, 1) + Profile.WireSeconds(TransferDirection.Out, 63) / 0.83;
        Assert.Equal(alone / 2 + duplex / 2, ends[0].At.Seconds, 5e-9);

        // The second one has the link for itself for its last half.
        Assert.Equal(ends[0].At.Seconds + alone / 2, ends[1].At.Seconds, 5e-9);
    }

    [Fact]
    public void Urgent_transfers_pass_bulk_ones_at_the_border_of_a_slice()
    {
        var (clock, link) = Make();
        link.Submit(Order(0, TransferDirection.In, RunsOf(63, 20), TransferLane.Bulk));
        link.Submit(Order(1, TransferDirection.In, RunsOf(63, 20), TransferLane.Bulk));
        clock.AdvanceTo(new(1_000_000));
        link.Submit(Order(2, TransferDirection.In, RunsOf(1, 1)));
        var ends = Drain(clock, link);

        Assert.Equal([2, 0, 1], ends.Select(end => end.Ended.Ticket));
        var slice = Duration.FromSeconds(2 * Profile.In.SecondsOfCopy(1 << 20));
        var own = Duration.FromSeconds(Profile.SecondsOf(TransferDirection.In, 1, 1));
        Assert.True(ends[0].At <= new Instant(1_000_000) + slice + own, $"{ends[0].At}");
        Assert.Equal(2 * Profile.SecondsOf(TransferDirection.In, 4, 63) + own.Seconds, ends[2].At.Seconds, 1e-7);
        Assert.Equal(256, ends[1].Ended.Copies);
    }

    [Fact]
    public void A_copy_longer_than_a_slice_is_cut_for_an_urgent_transfer_at_the_price_of_a_call()
    {
        var profile = Profile.AsBlockMajor();
        var clock = new VirtualClock();
        var link = new SimulatedLink(profile, clock);
        link.Submit(Order(0, TransferDirection.Out, RunsOf(63, 63), TransferLane.Bulk));
        clock.AdvanceTo(new(1_000_000));
        link.Submit(Order(1, TransferDirection.Out, RunsOf(1, 1)));
        var ends = Drain(clock, link);

        Assert.Equal([1, 0], ends.Select(end => end.Ended.Ticket));
        Assert.True(ends[0].At.Seconds <= 1e-3 + profile.Out.SecondsOfCopy(1 << 20) + profile.SecondsOf(TransferDirection.Out, 1, 1));
        Assert.Equal(2, ends[1].Ended.Copies);
        var expected = profile.SecondsOf(TransferDirection.Out, 1, 63) + profile.SecondsOf(TransferDirection.Out, 1, 1) + profile.Out.CallSeconds;
        Assert.Equal(expected, ends[1].At.Seconds, 1e-8);
    }

    [Fact]
    public void A_transfer_waits_for_those_that_it_comes_after()
    {
        var (clock, link) = Make();
        link.Submit(Order(0, TransferDirection.Out, RunsOf(63, 63)));
        link.Submit(Order(1, TransferDirection.In, RunsOf(63, 63)) with { After = [0] });
        var ends = Drain(clock, link);
        Assert.Equal(5_668_823, ends[0].At.Nanoseconds);
        Assert.Equal(2 * 5_668_823, ends[1].At.Nanoseconds);
    }

    [Fact]
    public void What_is_cancelled_ends_at_once_when_it_has_not_begun_and_at_its_slice_when_it_has()
    {
        var (clock, link) = Make();
        link.Submit(Order(0, TransferDirection.Out, RunsOf(63, 20)));
        link.Submit(Order(1, TransferDirection.Out, RunsOf(63, 20)));
        clock.AdvanceTo(new(1_000_000));
        link.Cancel(1);
        Assert.True(link.TryTakeEnded(out var waiting));
        Assert.Equal(new(1, TransferOutcome.Cancelled, 0, 0), waiting);

        link.Cancel(0);
        Assert.False(link.TryTakeEnded(out _));
        var (at, begun) = Assert.Single(Drain(clock, link));
        Assert.Equal(TransferOutcome.Cancelled, begun.Outcome);
        Assert.InRange(at.Seconds, 1e-3, 1e-3 + 2 * Profile.Out.SecondsOfCopy(1 << 20));
        Assert.InRange(begun.Bytes, 1, 63 * Profile.BlockBytes / 2);
        link.Cancel(0);
    }

    [Fact]
    public void Failures_are_those_of_the_seed()
    {
        static TransferOutcome[] Outcomes(ulong seed)
        {
            var (clock, link) = Make(new() { FailPerMille = 250, SlowPerMille = 100, Seed = seed });
            for (var ticket = 0; ticket < 1000; ticket++)
            {
                link.Submit(Order(ticket, ticket % 2 == 0 ? TransferDirection.In : TransferDirection.Out, RunsOf(5, 2)));
            }

            return [.. Drain(clock, link).OrderBy(end => end.Ended.Ticket).Select(end => end.Ended.Outcome)];
        }

        Assert.Equal(Outcomes(3), Outcomes(3));
        Assert.NotEqual(Outcomes(3), Outcomes(4));
        Assert.InRange(Outcomes(3).Count(outcome => outcome == TransferOutcome.Failed), 190, 310);
    }

    [Fact]
    public void The_oracle_ends_everything_at_the_instant_at_which_it_is_submitted()
    {
        var clock = new VirtualClock();
        var link = new SimulatedLink(Profile.AsZeroCost(), clock);
        link.Submit(Order(0, TransferDirection.Out, RunsOf(63, 1)));
        link.Submit(Order(1, TransferDirection.In, RunsOf(63, 1)) with { After = [0] });
        Assert.True(link.TryTakeEnded(out var first));
        Assert.True(link.TryTakeEnded(out var second));
        Assert.Equal((0L, 1L), (first.Ticket, second.Ticket));
        Assert.Equal(4032, first.Copies);
        Assert.Equal(Instant.Zero, clock.Now);
    }

    /// <summary>Whatever is submitted and cancelled when: every order ends once, after all it waits for, lanes in order, no faster than alone.</summary>
    [Fact]
    public void Every_order_ends_once_and_in_order() => Gen.ULong.Sample(
        seed =>
        {
            var prng = new Prng(seed);
            var clock = new VirtualClock();
            var link = new SimulatedLink(
                prng.Chance(1, 4) ? Profile.AsZeroCost() : prng.Chance(1, 2) ? Profile : Profile.AsBlockMajor(),
                clock,
                new() { FailPerMille = 100, SlowPerMille = 50, Seed = seed, SliceBytes = 1L << prng.NextInt32(12, 24), AssumedRunBlocks = prng.Chance(1, 4) ? 20 : null });
            var orders = new List<TransferOrder>();
            var submitted = new List<Instant>();
            var ends = new List<(Instant At, EndedTransfer Ended)>();
            for (var i = 0; i < 60; i++)
            {
                var order = Draw(prng, i);
                orders.Add(order);
                submitted.Add(clock.Now);
                link.Submit(order);
                if (prng.Chance(1, 5))
                {
                    link.Cancel(prng.NextInt32(i + 1));
                }

                ends.AddRange(DrainUntil(clock, link, clock.Now + new Duration(prng.NextInt32(4_000_000))));
            }

            ends.AddRange(Drain(clock, link));
            CheckEnds(orders, submitted, ends);
        },
        iter: FuzzScale.Times(200));

    private static void CheckEnds(List<TransferOrder> orders, List<Instant> submitted, List<(Instant At, EndedTransfer Ended)> ends)
    {
        Assert.Equal(orders.Select(order => order.Ticket), ends.Select(end => end.Ended.Ticket).Order());
        var position = ends.Select((end, index) => (end.Ended.Ticket, index)).ToDictionary(pair => pair.Ticket, pair => pair.index);
        foreach (var (at, ended) in ends)
        {
            var order = orders[(int)ended.Ticket];
            if (ended.Bytes > 0)
            {
                Assert.All(order.After, before => Assert.True(position[before] < position[ended.Ticket]));
            }

            Assert.InRange(ended.Bytes, 0, order.Blocks * Profile.BlockBytes);
            Assert.True(at >= submitted[(int)ended.Ticket]);
            if (ended.Outcome == TransferOutcome.Done)
            {
                Assert.Equal(order.Blocks * Profile.BlockBytes, ended.Bytes);
            }
        }

        foreach (var lane in orders.GroupBy(order => (order.Direction, order.Lane)))
        {
            var done = lane.Where(order => ends[position[order.Ticket]].Ended.Outcome == TransferOutcome.Done).Select(order => position[order.Ticket]).ToArray();
            Assert.Equal(done.Order(), done);
        }
    }

    private static TransferOrder Draw(Prng prng, int ticket)
    {
        var lane = prng.Chance(1, 2) ? TransferLane.Bulk : TransferLane.Urgent;
        var direction = prng.Chance(1, 2) ? TransferDirection.In : TransferDirection.Out;
        ImmutableArray<long> after = ticket > 0 && prng.Chance(1, 4) ? [prng.NextInt32(ticket)] : [];
        return Order(ticket, direction, RunsOf(1 + prng.NextInt32(80), 1 + prng.NextInt32(30)), lane) with { After = after };
    }

    private static (VirtualClock Clock, SimulatedLink Link) Make(LinkOptions? options = null)
    {
        var clock = new VirtualClock();
        return (clock, new(Profile, clock, options));
    }

    private static TransferOrder Order(long ticket, TransferDirection direction, ImmutableArray<CopyRun> runs, TransferLane lane = TransferLane.Urgent) =>
        new() { Ticket = ticket, Direction = direction, Lane = lane, Runs = runs };

    private static ImmutableArray<CopyRun> RunsOf(int blocks, int runBlocks)
    {
        var runs = ImmutableArray.CreateBuilder<CopyRun>();
        for (var done = 0; done < blocks; done += runBlocks)
        {
            runs.Add(new(2 * done, 3 * done, Math.Min(runBlocks, blocks - done)));
        }

        return runs.ToImmutable();
    }

    private static List<(Instant At, EndedTransfer Ended)> Drain(VirtualClock clock, SimulatedLink link) => DrainUntil(clock, link, null);

    private static List<(Instant At, EndedTransfer Ended)> DrainUntil(VirtualClock clock, SimulatedLink link, Instant? until)
    {
        var ends = new List<(Instant, EndedTransfer)>();
        while (link.NextEvent is { } next && !(next > until))
        {
            clock.AdvanceTo(next);
            while (link.TryTakeEnded(out var ended))
            {
                ends.Add((clock.Now, ended));
            }
        }

        if (until is { } end)
        {
            clock.AdvanceTo(end);
        }

        return ends;
    }
}
