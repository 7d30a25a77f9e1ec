using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers;

/// <summary>Where slices of an order end.</summary>
internal enum SliceBorder
{
    /// <summary>At their size only: every copy of memory costs the same wherever it goes.</summary>
    Size,

    /// <summary>Also where the swap arena goes on elsewhere: a slice is one call of the operating system.</summary>
    SwapGap,
}

/// <summary>Cuts orders into slices: plane by plane, in each of them run by run, at the borders of blocks where these are no longer than a slice.</summary>
internal sealed class SliceCutter(BlockGeometry device, BlockGeometry swap, int sliceBytes, SliceBorder border)
{
    public BlockGeometry Device { get; } = device;

    public BlockGeometry Swap { get; } = swap;

    /// <summary>Most bytes of a slice.</summary>
    public int SliceBytes { get; } = sliceBytes;

    /// <summary>Parts that are copied and checked one by one, of each plane of a block: one unless a block is longer than a slice.</summary>
    public int PartsPerPiece { get; } = checked((int)((device.Stride + sliceBytes - 1) / sliceBytes));

    /// <summary>Fills a slice with what comes next, and moves the cursor behind it.</summary>
    public void Cut(TransferOrder order, ref SliceCursor cursor, TransferSlice slice)
    {
        while (!cursor.IsAtEnd)
        {
            var run = order.Runs[cursor.Run];
            var (deviceBlock, swapBlock) = order.Direction == TransferDirection.Out ? (run.Source, run.Destination) : (run.Destination, run.Source);
            var from = Device.Offset(cursor.Plane, deviceBlock + cursor.Block) + cursor.Offset;
            var to = Swap.Offset(cursor.Plane, swapBlock + cursor.Block) + cursor.Offset;
            var bytes = Next(run, cursor, SliceBytes - slice.Bytes);
            if (bytes == 0 || (border == SliceBorder.SwapGap && !slice.IsFollowedBy(to)))
            {
                return;
            }

            slice.Add(new(from, to, bytes), Payload(cursor, bytes));
            Advance(order, ref cursor, bytes, slice);
        }
    }

    /// <summary>Bytes that may be added: whole blocks, or one part of a block that is longer than a slice; 0 when no whole one fits.</summary>
    private int Next(CopyRun run, SliceCursor cursor, int room)
    {
        var stride = Device.Stride;
        if (PartsPerPiece == 1)
        {
            return (int)(Math.Min(run.Count - cursor.Block, room / stride) * stride);
        }

        var part = (int)Math.Min(SliceBytes, stride - cursor.Offset);
        return part <= room ? part : 0;
    }

    private long Payload(SliceCursor cursor, int bytes) =>
        PartsPerPiece == 1
            ? bytes / Device.Stride * Device.PieceBytes
            : Math.Clamp(Device.PieceBytes - cursor.Offset, 0, bytes);

    private void Advance(TransferOrder order, ref SliceCursor cursor, int bytes, TransferSlice slice)
    {
        var (blocks, rest) = Math.DivRem(cursor.Offset + bytes, Device.Stride);
        cursor.Block += (int)blocks;
        cursor.Offset = rest;
        if (cursor.Block < order.Runs[cursor.Run].Count)
        {
            return;
        }

        slice.Copies++;
        cursor.Block = 0;
        cursor.Run++;
        if (cursor.Run == order.Runs.Length)
        {
            cursor.Run = 0;
            cursor.Plane++;
            cursor.IsAtEnd = cursor.Plane == Device.Planes;
        }
    }
}

/// <summary>How far an order has been cut.</summary>
internal struct SliceCursor
{
    /// <summary>The plane.</summary>
    public int Plane;

    /// <summary>The run in the order.</summary>
    public int Run;

    /// <summary>The block in the run.</summary>
    public int Block;

    /// <summary>Bytes of that block's piece that are behind; 0 unless it is longer than a slice.</summary>
    public long Offset;

    /// <summary>Nothing is left.</summary>
    public bool IsAtEnd;
}
