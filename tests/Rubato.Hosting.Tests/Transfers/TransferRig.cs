using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rubato.Core;
using Rubato.Hosting.Tests.Testing;
using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

/// <summary>A device arena, a tier of the wanted kind, and an engine between them.</summary>
internal sealed class TransferRig : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rubato-transfers-");
    private long _ticket;

    public TransferRig(
        SwapTierKind kind, BlockGeometry geometry, int swapBlocks, TransferOptions? options = null, ILogger? log = null, Func<ISwapTier, ISwapTier>? wrap = null)
    {
        Geometry = geometry;
        Device = new(geometry.Bytes);
        var arena = geometry with { Blocks = swapBlocks };
        ISwapTier tier = kind == SwapTierKind.Ram
            ? new RamTier(arena)
            : new FileTier(SwapFile.Create(_folder.FullName, arena.Bytes, log ?? NullLogger.Instance), arena);
        Engine = new(Device, geometry, wrap?.Invoke(tier) ?? tier, options ?? new(), log ?? NullLogger.Instance);
    }

    public NativeRegion Device { get; }

    public BlockGeometry Geometry { get; }

    public TransferEngine Engine { get; }

    /// <summary>An order with the next ticket.</summary>
    public TransferOrder Order(TransferDirection direction, TransferLane lane = TransferLane.Urgent, long[]? after = null, params CopyRun[] runs) =>
        new() { Ticket = ++_ticket, Direction = direction, Lane = lane, Runs = [.. runs], After = [.. after ?? []] };

    /// <summary>Submits an order and waits for its end, which must be the next.</summary>
    public EndedTransfer Run(TransferDirection direction, params CopyRun[] runs)
    {
        var order = Order(direction, runs: runs);
        Engine.Submit(order);
        var ended = NextEnd();
        Assert.Equal(order.Ticket, ended.Ticket);
        return ended;
    }

    public EndedTransfer NextEnd()
    {
        Assert.True(Engine.WaitForEnd(Wait.Limit));
        Assert.True(Engine.TryTakeEnded(out var ended));
        return ended;
    }

    /// <summary>Fills a block of the device with numbers that follow from a value, padding too.</summary>
    public void Fill(int block, ulong value)
    {
        for (var plane = 0; plane < Geometry.Planes; plane++)
        {
            var words = Words(plane, block);
            for (var i = 0; i < words.Length; i++)
            {
                words[i] = unchecked((value * 0x9e3779b97f4a7c15) + (ulong)(plane << 20) + (ulong)i);
            }
        }
    }

    /// <summary>Whether a block of the device holds what <see cref="Fill"/> wrote.</summary>
    public bool Holds(int block, ulong value)
    {
        for (var plane = 0; plane < Geometry.Planes; plane++)
        {
            var words = Words(plane, block);
            for (var i = 0; i < words.Length; i++)
            {
                if (words[i] != unchecked((value * 0x9e3779b97f4a7c15) + (ulong)(plane << 20) + (ulong)i))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>An order over random blocks, no block twice on either side.</summary>
    public static TransferOrder RandomOrder(Prng prng, long ticket, TransferDirection direction, int deviceBlocks, int swapBlocks, int blocksMax = 12)
    {
        var (device, swap) = (Spread(prng, deviceBlocks), Spread(prng, swapBlocks));
        var runs = new List<CopyRun>();
        var count = 1 + prng.NextInt32(Math.Min(blocksMax, Math.Min(device.Length, swap.Length)));
        for (var i = 0; i < count; i++)
        {
            var (source, destination) = direction == TransferDirection.Out ? (device[i], swap[i]) : (swap[i], device[i]);
            CopyRuns.Append(runs, source, destination);
        }

        return new() { Ticket = ticket, Direction = direction, Lane = (TransferLane)prng.NextInt32(2), Runs = [.. runs] };
    }

    public void Dispose()
    {
        Engine.Dispose();
        Device.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>All blocks in stretches of random length and order: runs are neither all single nor all one.</summary>
    private static int[] Spread(Prng prng, int blocks)
    {
        var stretches = new List<int[]>();
        for (var start = 0; start < blocks;)
        {
            var count = Math.Min(1 + prng.NextInt32(5), blocks - start);
            stretches.Add([.. Enumerable.Range(start, count)]);
            start += count;
        }

        var order = stretches.ToArray();
        prng.Shuffle(order.AsSpan());
        return [.. order.SelectMany(stretch => stretch)];
    }

    private Span<ulong> Words(int plane, int block) =>
        MemoryMarshal.Cast<byte, ulong>(Device.Slice(Geometry.Offset(plane, block), (int)Geometry.Stride));
}
