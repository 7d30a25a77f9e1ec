using System.Diagnostics;
using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Threading;

public class WorkerGangTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyPiecesOfWork_EveryItemOnceByAKnownWorker(int workers)
    {
        using var gang = new WorkerGang(workers);
        var prng = new Prng(1);
        for (var round = 0; round < 2_000; round++)
        {
            var items = prng.NextInt32(0, 40);
            var counts = new Counts(items, workers, failAt: -1);
            counts.Run(gang);
            Assert.All(counts.PerItem, count => Assert.Equal(1, count));
            Assert.False(counts.UnknownWorker);
        }
    }

    [Fact]
    public void Run_ItemThrows_ThrowsHereAfterAllItemsAndGangStaysUsable()
    {
        using var gang = new WorkerGang(3);
        for (var round = 0; round < 200; round++)
        {
            var counts = new Counts(20, 3, failAt: round % 20);
            var exception = Assert.Throws<InvalidOperationException>(() => counts.Run(gang));
            Assert.Equal("item failed", exception.Message);
            Assert.All(counts.PerItem, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Run_WorkersAsleep_AreWokenOrNotNeeded()
    {
        // Idle for longer than workers spin: some 50 µs.
        using var gang = new WorkerGang(4);
        for (var round = 0; round < 50; round++)
        {
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromMicroseconds(300); Thread.SpinWait(10))
            {
            }

            var counts = new Counts(8, 4, failAt: -1);
            counts.Run(gang);
            Assert.All(counts.PerItem, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Constructor_WorkersOutOfRange_Throws(int workers)
    {
        var exception = Assert.Throws<InvalidOptionException>(() => new WorkerGang(workers));
        Assert.Contains("1…1024", exception.Message);
    }

    [Fact]
    public void Run_AfterDispose_Throws()
    {
        var gang = new WorkerGang(2);
        gang.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new Counts(3, 2, failAt: -1).Run(gang));
    }

    private sealed class Counts(int items, int workers, int failAt)
    {
        public int[] PerItem { get; } = new int[items];

        public bool UnknownWorker { get; private set; }

        public void Run(WorkerGang gang)
        {
            var handle = GCHandle.Alloc(this);
            var work = new Work(GCHandle.ToIntPtr(handle));
            try
            {
                gang.Run(ref work, items);
            }
            finally
            {
                handle.Free();
            }
        }

        private void Count(int item, int worker)
        {
            Interlocked.Increment(ref PerItem[item]);
            if (worker < 0 || worker >= workers)
            {
                UnknownWorker = true;
            }

            if (item == failAt)
            {
                throw new InvalidOperationException("item failed");
            }
        }

        private readonly struct Work(nint counts) : IGangWork
        {
            public void Execute(int item, int worker) => ((Counts)GCHandle.FromIntPtr(counts).Target!).Count(item, worker);
        }
    }
}
