using CsCheck;
using Rubato.Core;
using Rubato.Hosting.Transfers;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class SliceCutterTests
{
    /// <summary>Every byte of every block is in one segment of one slice, no slice is too long, and what is counted is runs times planes.</summary>
    [Fact]
    public void Cut_AnyOrder_CoversEachByteOnce()
    {
        Gen.Select(Gen.ULong, Gen.Int[1, 5], Gen.Long[1, 40_000], Gen.Int[1, 8], Gen.Enum<TransferDirection>(), Gen.Int[0, 1]).Sample((seed, planes, piece, slicePages, direction, border) =>
        {
            var prng = new Prng(seed);
            var (device, swap) = (new BlockGeometry(planes, 40, piece), new BlockGeometry(planes, 50, piece));
            var cutter = new SliceCutter(device, swap, slicePages * 4096, (SliceBorder)border);
            var order = TransferRig.RandomOrder(prng, 1, direction, 40, 50);
            var (device2, swap2) = Cover(cutter, order, out var copies, out var payload);
            var blocks = order.Runs.Sum(run => run.Count);
            Assert.Equal(planes * order.Runs.Length, copies);
            Assert.Equal(planes * blocks * piece, payload);
            Assert.Equal(planes * blocks * device.Stride / 4096, device2.Count);
            Assert.Equal(device2.Count, swap2.Count);
            foreach (var (run, plane) in order.Runs.SelectMany(run => Enumerable.Range(0, planes).Select(plane => (run, plane))))
            {
                for (var i = 0; i < run.Count; i++)
                {
                    var (deviceBlock, swapBlock) = direction == TransferDirection.Out ? (run.Source, run.Destination) : (run.Destination, run.Source);
                    Assert.Contains(device.Offset(plane, deviceBlock + i), device2);
                    Assert.Contains(swap.Offset(plane, swapBlock + i), swap2);
                }
            }
        }, iter: FuzzScale.Times(400));
    }

    [Fact]
    public void Cut_ScatteredBlocksThatAreNeighboursInTheFile_AreOneSlice()
    {
        var order = Order(new(7, 0, 1), new(3, 1, 1), new(9, 2, 1), new(5, 8, 1));
        Assert.Equal([3, 1], SegmentsPerSlice(order, SliceBorder.SwapGap));
        Assert.Equal([4], SegmentsPerSlice(order, SliceBorder.Size));
    }

    private static TransferOrder Order(params CopyRun[] runs) =>
        new() { Ticket = 1, Direction = TransferDirection.Out, Lane = TransferLane.Bulk, Runs = [.. runs] };

    private static int[] SegmentsPerSlice(TransferOrder order, SliceBorder border)
    {
        var cutter = new SliceCutter(new(1, 10, 4096), new(1, 10, 4096), 1 << 20, border);
        var (cursor, slice, counts) = (default(SliceCursor), new TransferSlice(), new List<int>());
        while (!cursor.IsAtEnd)
        {
            slice.Clear();
            cutter.Cut(order, ref cursor, slice);
            counts.Add(slice.Segments.Length);
        }

        return [.. counts];
    }

    /// <summary>The pages that slices touch, checked for length, gaps and doubles.</summary>
    private static (HashSet<long> Device, HashSet<long> Swap) Cover(SliceCutter cutter, TransferOrder order, out long copies, out long payload)
    {
        var (device, swap) = (new HashSet<long>(), new HashSet<long>());
        var (cursor, slice) = (default(SliceCursor), new TransferSlice());
        (copies, payload) = (0, 0);
        while (!cursor.IsAtEnd)
        {
            slice.Clear();
            cutter.Cut(order, ref cursor, slice);
            Assert.InRange(slice.Segments.ToArray().Sum(segment => segment.Bytes), 1, cutter.SliceBytes);
            foreach (var segment in slice.Segments)
            {
                for (var offset = 0; offset < segment.Bytes; offset += 4096)
                {
                    Assert.True(device.Add(segment.Device + offset));
                    Assert.True(swap.Add(segment.Swap + offset));
                }
            }

            copies += slice.Copies;
            payload += slice.PayloadBytes;
        }

        return (device, swap);
    }
}
