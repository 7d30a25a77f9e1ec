using System.Collections.Immutable;
using CsCheck;
using Rubato.Core;
using Rubato.Hosting.Tests.Testing;
using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Faults;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;
using static Rubato.Serving.Transfers.TransferDirection;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class TransferEngineTests
{
    private static readonly BlockGeometry OnePage = new(1, 32, 4096);

    /// <summary>Blocks go out, their memory is overwritten, they come back to other places: every byte is there, calls and bytes are as counted.</summary>
    [Theory]
    [InlineData(SwapTierKind.Ram)]
    [InlineData(SwapTierKind.File)]
    public void OutAndIn_RandomRuns_SameBytesAndRunsTimesPlanes(SwapTierKind kind)
    {
        Gen.Select(Gen.ULong, Gen.Int[1, 4], Gen.Long[1, 30_000], Gen.Int[1, 4]).Sample((seed, planes, piece, slicePages) =>
        {
            var prng = new Prng(seed);
            using var rig = new TransferRig(kind, new(planes, 24, piece), 30, new() { SliceBytes = slicePages * 4096, Verifies = true });
            var leave = TransferRig.RandomOrder(prng, 1, Out, 24, 30);
            var homes = Blocks(leave);
            for (var block = 0; block < 24; block++)
            {
                rig.Fill(block, (ulong)block);
            }

            AssertDone(rig.Run(Out, [.. leave.Runs]), planes * leave.Runs.Length, planes * piece * leave.Blocks);
            for (var block = 0; block < 24; block++)
            {
                rig.Fill(block, 1000 + (ulong)block);
            }

            var targets = Enumerable.Range(0, 24).ToArray();
            prng.Shuffle(targets.AsSpan());
            var back = new List<CopyRun>();
            for (var i = 0; i < homes.Length; i++)
            {
                CopyRuns.Append(back, homes[i].Destination, targets[i]);
            }

            AssertDone(rig.Run(In, [.. back]), planes * back.Count, planes * piece * leave.Blocks);
            for (var i = 0; i < 24; i++)
            {
                Assert.True(rig.Holds(targets[i], i < homes.Length ? (ulong)homes[i].Source : 1000 + (ulong)targets[i]));
            }

            var statistics = rig.Engine.Statistics;
            Assert.Equal((leave.Blocks * planes * piece, leave.Blocks * planes * piece, 2L, 0), (statistics.BytesOut, statistics.BytesIn, statistics.Done, statistics.InFlight));
        }, iter: FuzzScale.Times(40), threads: 1);
    }

    [Fact]
    public void Submit_UrgentBehindBulk_PassesAtTheBorderOfASlice()
    {
        using var held = new HeldSlices(1);
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 32, new() { SliceBytes = 4096, Faults = held });
        rig.Engine.Submit(rig.Order(Out, TransferLane.Bulk, runs: new CopyRun(0, 0, 4)));
        held.AwaitReached();
        rig.Engine.Submit(rig.Order(Out, TransferLane.Bulk, runs: new CopyRun(4, 4, 1)));
        rig.Engine.Submit(rig.Order(In, TransferLane.Urgent, runs: new CopyRun(20, 20, 2)));
        rig.Engine.Submit(rig.Order(In, TransferLane.Urgent, runs: new CopyRun(25, 25, 1)));
        held.Release();
        Assert.Equal([3, 4, 1, 2], Enumerable.Range(0, 4).Select(_ => rig.NextEnd().Ticket));
        Assert.Equal([(1, 0), (3, 0), (3, 1), (4, 0), (1, 1), (1, 2), (1, 3), (2, 0)], held.Begun);
    }

    [Fact]
    public void Submit_AfterAnother_StartsWhenThatHasEnded()
    {
        using var held = new HeldSlices(1);
        using var rig = new TransferRig(SwapTierKind.File, OnePage, 32, new() { Faults = held });
        rig.Fill(0, 1);
        rig.Fill(7, 2);
        rig.Engine.Submit(rig.Order(Out, TransferLane.Bulk, runs: new CopyRun(0, 3, 1)));
        held.AwaitReached();
        rig.Engine.Submit(rig.Order(In, TransferLane.Urgent, after: [1], runs: new CopyRun(3, 7, 1)));
        rig.Engine.Submit(rig.Order(Out, TransferLane.Urgent, runs: new CopyRun(20, 20, 1)));
        Assert.Equal(3, rig.NextEnd().Ticket);
        Assert.True(rig.Holds(7, 2));
        held.Release();
        Assert.Equal([1, 2], [rig.NextEnd().Ticket, rig.NextEnd().Ticket]);
        Assert.True(rig.Holds(7, 1));
    }

    [Fact]
    public void Cancel_BeforeMidwayAndAfter_EndsOnceEach()
    {
        using var held = new HeldSlices(1, slice: 1);
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 32, new() { SliceBytes = 4096, Faults = held });
        rig.Engine.Submit(rig.Order(Out, runs: [new(0, 0, 1), new(5, 5, 3)]));
        held.AwaitReached();
        rig.Engine.Submit(rig.Order(Out, runs: new CopyRun(10, 10, 1)));
        rig.Engine.Submit(rig.Order(Out, runs: new CopyRun(12, 12, 1)));
        rig.Engine.Cancel(2);
        Assert.Equal(new(2, TransferOutcome.Cancelled, 0, 0), rig.NextEnd());
        rig.Engine.Cancel(1);
        rig.Engine.Cancel(1);
        Assert.Equal(2, rig.Engine.Statistics.InFlight);
        held.Release();
        Assert.Equal(new(1, TransferOutcome.Cancelled, 1, 2 * 4096), rig.NextEnd());
        Assert.Equal(new(3, TransferOutcome.Done, 1, 4096), rig.NextEnd());
        rig.Engine.Cancel(3);
        rig.Engine.Cancel(99);
        Assert.False(rig.Engine.WaitForEnd(TimeSpan.Zero));
        Assert.Equal([(1, 0), (1, 1), (3, 0)], held.Begun);
    }

    /// <summary>What has been handed out entirely cannot be called back: it ends as done.</summary>
    [Fact]
    public void Cancel_InTheLastSlice_EndsAsDone()
    {
        using var held = new HeldSlices(1);
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 32, new() { Faults = held });
        rig.Engine.Submit(rig.Order(Out, runs: new CopyRun(0, 0, 4)));
        held.AwaitReached();
        rig.Engine.Cancel(1);
        held.Release();
        Assert.Equal(new(1, TransferOutcome.Done, 1, 4 * 4096), rig.NextEnd());
    }

    [Theory]
    [InlineData(SwapTierKind.Ram)]
    [InlineData(SwapTierKind.File)]
    public void Copy_Fails_EndsThatOrderAsFailedAndNoOther(SwapTierKind kind)
    {
        using var logs = new LogRecorder();
        using var held = new HeldSlices(2, slice: 1, TransferFault.Fail);
        held.Release();
        using var rig = new TransferRig(kind, OnePage, 32, new() { SliceBytes = 4096, Faults = held, Threads = 1 }, logs.CreateLogger("Rubato.Test"));
        Assert.Equal(TransferOutcome.Done, rig.Run(Out, new CopyRun(0, 0, 3)).Outcome);
        var failed = rig.Run(In, new CopyRun(0, 10, 3));
        Assert.Equal((TransferOutcome.Failed, 0L, 4096L), (failed.Outcome, failed.Copies, failed.Bytes));
        Assert.Matches("^swap .*: reading for transfer 2 failed: an injected fault$", failed.Failure);
        Assert.Equal(TransferOutcome.Done, rig.Run(In, new CopyRun(0, 10, 3)).Outcome);
        Assert.Equal((2L, 1L, 0L), (rig.Engine.Statistics.Done, rig.Engine.Statistics.Failed, rig.Engine.Statistics.Cancelled));
        Assert.Single(logs.Entries, entry => entry.Message.Contains(failed.Failure!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SwapTierKind.Ram, 1)]
    [InlineData(SwapTierKind.File, 3)]
    public void Verify_AFlippedBit_FailsTheOrder(SwapTierKind kind, int pages)
    {
        var geometry = new BlockGeometry(2, 8, (pages * 4096) - 100);
        foreach (var verifies in new[] { true, false })
        {
            using var held = new HeldSlices(2, fault: TransferFault.Corrupt);
            held.Release();
            using var rig = new TransferRig(kind, geometry, 9, new() { SliceBytes = 8192, Faults = held, Verifies = verifies });
            rig.Fill(3, 77);
            Assert.Equal(TransferOutcome.Done, rig.Run(Out, new CopyRun(3, 8, 1)).Outcome);
            var ended = rig.Run(In, new CopyRun(8, 5, 1));
            Assert.Equal(verifies ? TransferOutcome.Failed : TransferOutcome.Done, ended.Outcome);
            Assert.Equal(verifies, ended.Failure?.EndsWith("block 8 came back with another checksum", StringComparison.Ordinal) ?? false);
            Assert.Equal(TransferOutcome.Done, rig.Run(In, new CopyRun(8, 5, 1)).Outcome);
            Assert.True(rig.Holds(5, 77));
        }
    }

    [Fact]
    public void Dispose_WithOrdersInFlight_EndsThemAndLeavesNoThread()
    {
        var held = new HeldSlices(1);
        var rig = new TransferRig(SwapTierKind.File, OnePage, 32, new() { SliceBytes = 4096, Faults = held });
        rig.Engine.Submit(rig.Order(Out, runs: new CopyRun(0, 0, 4)));
        rig.Engine.Submit(rig.Order(In, after: [1], runs: new CopyRun(0, 4, 4)));
        held.AwaitReached();
        Assert.Equal(2, rig.Engine.LiveThreads);
        held.Release();
        rig.Engine.Dispose();
        Assert.Equal(0, rig.Engine.LiveThreads);
        var ended = new List<EndedTransfer>();
        while (rig.Engine.TryTakeEnded(out var one))
        {
            ended.Add(one);
        }

        Assert.Equal([1, 2], ended.Select(one => one.Ticket).Order());
        Assert.False(rig.Engine.WaitForEnd(Timeout.InfiniteTimeSpan));
        Assert.Throws<ObjectDisposedException>(() => rig.Engine.Submit(rig.Order(Out, runs: new CopyRun(0, 0, 1))));
        rig.Dispose();
        held.Dispose();
    }

    [Fact]
    public void Ended_AHandlerThatThrows_StopsNothing()
    {
        using var logs = new LogRecorder();
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 32, log: logs.CreateLogger("Rubato.Test"));
        using var told = new SemaphoreSlim(0);
        rig.Engine.Ended += () =>
        {
            told.Release();
            throw new InvalidOperationException("no");
        };
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(TransferOutcome.Done, rig.Run(Out, new CopyRun(i, i, 1)).Outcome);
            Assert.True(told.Wait(Wait.Limit));
        }

        rig.Engine.Dispose();
        Assert.Equal(3, logs.Entries.Count(entry => entry.Error is InvalidOperationException));
    }

    /// <summary>With a share of next to nothing, the second slice is due in hours; when nobody computes, at once.</summary>
    [Fact]
    public void Computing_LimitsCopiesToTheirShare()
    {
        using var held = new HeldSlices(1);
        held.Release();
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 32, new() { SliceBytes = 4096, CopyShare = 1e-12, Faults = held });
        rig.Engine.Computing = true;
        rig.Engine.Submit(rig.Order(Out, runs: new CopyRun(0, 0, 2)));
        held.AwaitReached();
        Assert.False(rig.Engine.WaitForEnd(TimeSpan.FromMilliseconds(30)));
        Assert.Equal([(1, 0)], held.Begun);
        rig.Engine.Computing = false;
        Assert.Equal(TransferOutcome.Done, rig.NextEnd().Outcome);
    }

    [Fact]
    public void Submit_RunsOutsideTheArenas_IsAProgrammersError()
    {
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 40);
        foreach (var (direction, run) in new[] { (Out, new CopyRun(31, 0, 2)), (Out, new(0, 40, 1)), (In, new(0, 32, 1)), (In, new(39, 0, 2)), (In, new(-1, 0, 1)), (Out, new(0, 0, 0)) })
        {
            Assert.Throws<InvariantViolationException>(() => rig.Engine.Submit(rig.Order(direction, runs: run)));
        }

        Assert.Throws<InvariantViolationException>(() => rig.Engine.Submit(rig.Order(Out)));
        Assert.Equal(0, rig.Engine.Statistics.InFlight);
    }

    /// <summary>Orders are made by the scheduler and their ends by I/O threads; in between the caller allocates nothing.</summary>
    [Fact]
    public void SubmitAndTake_InSteadyState_AllocateNothing()
    {
        using var rig = new TransferRig(SwapTierKind.Ram, OnePage, 32);
        var orders = Enumerable.Range(0, 600).Select(i => rig.Order(Out, after: [i], runs: [new(i % 32, 31 - (i % 32), 1)])).ToImmutableArray();
        Pass(rig, orders.AsSpan(0, 300));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Pass(rig, orders.AsSpan(300, 300));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Pass(TransferRig rig, ReadOnlySpan<TransferOrder> orders)
    {
        foreach (var order in orders)
        {
            rig.Engine.Submit(order);
            rig.Engine.WaitForEnd(Wait.Limit);
            rig.Engine.TryTakeEnded(out _);
        }
    }

    private static void AssertDone(EndedTransfer ended, long copies, long bytes) =>
        Assert.Equal((TransferOutcome.Done, copies, bytes, null), (ended.Outcome, ended.Copies, ended.Bytes, ended.Failure));

    private static CopyRun[] Blocks(TransferOrder order) =>
        [.. order.Runs.SelectMany(run => Enumerable.Range(0, run.Count).Select(i => new CopyRun(run.Source + i, run.Destination + i, 1)))];
}
