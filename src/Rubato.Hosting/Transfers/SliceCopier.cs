using Rubato.Hosting.Transfers.Faults;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers;

/// <summary>Copies slices for all I/O threads of an engine: injected faults, the tier, checksums.</summary>
internal sealed class SliceCopier(ISwapTier tier, NativeRegion device, BlockChecksums? checksums, ITransferFaults? faults)
{
    /// <summary>Copies a slice.</summary>
    /// <returns>Why it failed, as one line; null when it did not.</returns>
    public string? Copy(TransferSlice slice, CopyScratch scratch)
    {
        var order = slice.Job!.Order;
        try
        {
            var fault = faults?.Before(order.Ticket, order.Direction, slice.Index) ?? TransferFault.None;
            return fault == TransferFault.Fail ? Failure(order, "an injected fault")
                : order.Direction == TransferDirection.Out ? Write(slice, scratch)
                : Read(slice, scratch, fault == TransferFault.Corrupt);
        }
        catch (Exception error)
        {
            // Whatever it is, it concerns this order alone: its blocks are computed again.
            return Failure(order, error.Message.ReplaceLineEndings(" "));
        }
    }

    private string? Write(TransferSlice slice, CopyScratch scratch)
    {
        if (checksums is not null)
        {
            foreach (var segment in slice.Segments)
            {
                checksums.Forget(segment);
            }
        }

        tier.Write(device, slice.Segments, scratch);
        if (checksums is not null)
        {
            foreach (var segment in slice.Segments)
            {
                checksums.Take(segment);
            }
        }

        return null;
    }

    private string? Read(TransferSlice slice, CopyScratch scratch, bool corrupts)
    {
        tier.Read(device, slice.Segments, scratch);
        if (corrupts)
        {
            device.Slice(slice.Segments[0].Device, 1)[0] ^= 1;
        }

        if (checksums is not null)
        {
            foreach (var segment in slice.Segments)
            {
                if (checksums.FirstDifferent(segment) is { } block)
                {
                    return Failure(slice.Job!.Order, $"block {block} came back with another checksum");
                }
            }
        }

        return null;
    }

    private string Failure(TransferOrder order, string reason) =>
        $"{tier.Name}: {(order.Direction == TransferDirection.Out ? "writing" : "reading")} for transfer {order.Ticket} failed: {reason}";
}
