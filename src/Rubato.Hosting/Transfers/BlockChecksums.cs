using System.Numerics;
using System.Runtime.InteropServices;
using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Transfers;

/// <summary>A CRC-32C for every part of the swap arena, kept in memory: taken when it leaves the device, compared when it comes back.</summary>
/// <remarks>Parts are written by one transfer at a time, so threads never meet in one entry.</remarks>
internal sealed class BlockChecksums(NativeRegion device, SliceCutter cutter)
{
    private const uint Unknown = 0;

    private readonly uint[] _sums = new uint[checked((long)cutter.Swap.Planes * cutter.Swap.Blocks * cutter.PartsPerPiece)];

    /// <summary>Takes the checksums of what leaves.</summary>
    public void Take(CopySegment segment)
    {
        for (var offset = 0; offset < segment.Bytes;)
        {
            var (part, bytes) = PartAt(segment.Swap + offset);
            _sums[part] = Sum(device.Slice(segment.Device + offset, bytes));
            offset += bytes;
        }
    }

    /// <summary>What is being overwritten has no checksum until it is there.</summary>
    public void Forget(CopySegment segment)
    {
        for (var offset = 0; offset < segment.Bytes;)
        {
            var (part, bytes) = PartAt(segment.Swap + offset);
            _sums[part] = Unknown;
            offset += bytes;
        }
    }

    /// <summary>Compares the checksums of what has come back.</summary>
    /// <returns>A block of the swap arena that came back different; null when none did.</returns>
    public long? FirstDifferent(CopySegment segment)
    {
        for (var offset = 0; offset < segment.Bytes;)
        {
            var (part, bytes) = PartAt(segment.Swap + offset);
            if (_sums[part] != Unknown && _sums[part] != Sum(device.Slice(segment.Device + offset, bytes)))
            {
                return (segment.Swap + offset) % cutter.Swap.PlaneBytes / cutter.Swap.Stride;
            }

            offset += bytes;
        }

        return null;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            sum = BitOperations.Crc32C(sum, word);
        }

        return Math.Max(sum, Unknown + 1);
    }

    /// <summary>The part that begins at an offset of the swap arena, and its length.</summary>
    private (long Part, int Bytes) PartAt(long swap)
    {
        var (piece, offset) = Math.DivRem(swap, cutter.Swap.Stride);
        var (part, rest) = Math.DivRem(offset, cutter.SliceBytes);
        Core.Check.Invariant(rest == 0, $"bytes at {swap} of the swap arena begin no part of a block");
        return ((piece * cutter.PartsPerPiece) + part, (int)Math.Min(cutter.SliceBytes, cutter.Swap.Stride - offset));
    }
}
