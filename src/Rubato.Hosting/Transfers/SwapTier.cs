using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Transfers;

/// <summary>Makes the engine that the options ask for.</summary>
internal static class SwapTier
{
    /// <summary>Blocks that fit into a tier; 0 for no tier.</summary>
    public static int BlocksIn(SwapTierOptions tier, BlockGeometry device) => (int)Math.Min(tier.Bytes / device.BlockBytes, 1 << 30);

    /// <summary>Makes a tier and starts its I/O threads.</summary>
    /// <param name="tier">Which, and how large; not none.</param>
    /// <param name="device">The device arena; must outlive the engine.</param>
    /// <param name="geometry">Where its blocks lie.</param>
    /// <param name="options">How to work.</param>
    /// <param name="log">Gets what the operator should know.</param>
    /// <exception cref="InvalidOptionException">The tier holds no block, or there is no such amount of memory or space.</exception>
    public static TransferEngine Open(SwapTierOptions tier, NativeRegion device, BlockGeometry geometry, TransferOptions options, ILogger log)
    {
        options.Validate();
        var blocks = BlocksIn(tier, geometry);
        if (blocks == 0)
        {
            throw new InvalidOptionException(
                $"swap tier: {ByteSize.Format(tier.Bytes)} do not hold one block of keys and values, which takes {geometry.BlockBytes} bytes; give it more.");
        }

        var arena = geometry with { Blocks = blocks };
        var made = tier.Kind == SwapTierKind.Ram ? OpenRam(arena, log) : new FileTier(SwapFile.Create(tier.Path!, arena.Bytes, log), arena);
        return new(device, geometry, made, options, log);
    }

    private static ISwapTier OpenRam(BlockGeometry arena, ILogger log)
    {
        var (limit, now) = (FreeMemory.Limit, FreeMemory.Now);
        if (arena.Bytes > limit)
        {
            throw new InvalidOptionException(
                $"swap memory: {ByteSize.Format(arena.Bytes)} are more than the {ByteSize.Format(limit)} that this process may use; ask for less, or for a file.");
        }

        if (arena.Bytes > now)
        {
            TransferLog.MemoryIsScarce(log, ByteSize.Format(arena.Bytes), ByteSize.Format(now));
        }

        try
        {
            return new RamTier(arena);
        }
        catch (OutOfMemoryException)
        {
            throw new InvalidOptionException($"swap memory: the system does not give {ByteSize.Format(arena.Bytes)}; ask for less, or for a file.");
        }
    }
}
