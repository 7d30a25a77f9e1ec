using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers.Benchmarks;

/// <summary>
/// How long one conversation takes to leave the memory of keys and values and to come back, with its blocks scattered and with its blocks in groups:
/// the real engine, real copies, the kinds in turns, everything that comes back compared with what left.
/// </summary>
public sealed class SwitchBenchmark : IDisposable
{
    private readonly SwitchBenchmarkOptions _options;
    private readonly PagedKeyValues _device;
    private readonly TransferEngine _engine;
    private readonly Prng _prng;
    private long _ticket;

    /// <summary>Makes both arenas and writes all of their memory once.</summary>
    /// <exception cref="InvalidOptionException">A number is out of range, or there is not enough memory or space.</exception>
    public SwitchBenchmark(SwitchBenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _prng = new(options.Seed);
        var blocks = Math.Max(BlockPlacement.ArenaBlocks(options.Blocks, 1), BlockPlacement.ArenaBlocks(options.Blocks, options.GroupBlocks));
        var geometry = options.Shape.Geometry(blocks, options.Layout);
        CheckMemory(options, geometry);
        _device = new(options.Shape, blocks, options.Layout);
        try
        {
            FillDevice();
            _engine = SwapTier.Open(new(options.Tier, geometry.Bytes, options.Path), _device.Region, geometry, new(), NullLogger.Instance);
            WriteTier();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Measures.</summary>
    /// <param name="progress">Gets the share that is done; may be null.</param>
    /// <param name="stop">Ends the measurement early.</param>
    /// <exception cref="RubatoException">A transfer failed, or bytes came back different.</exception>
    public SwitchResult Run(Action<double>? progress = null, CancellationToken stop = default)
    {
        var group = _options.GroupBlocks;
        Kind[] kinds = [new(1, 1), new(1, _options.Blocks), new(group, group)];
        for (var run = -1; run < _options.Runs; run++)
        {
            for (var i = 0; i < kinds.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                Switch(kinds[(i + run + kinds.Length) % kinds.Length], counts: run >= 0);
            }

            progress?.Invoke((run + 1.0) / _options.Runs);
        }

        var geometry = _device.Geometry;
        return new(
            _options.Blocks, geometry.Planes, geometry.PieceBytes, _options.Blocks * geometry.BlockPayloadBytes, _engine.Manner,
            kinds[0].Result, kinds[1].Result, kinds[2].Result);
    }

    /// <summary>Ends the I/O threads and frees both arenas.</summary>
    public void Dispose()
    {
        _engine?.Dispose();
        _device.Dispose();
    }

    private static void CheckMemory(SwitchBenchmarkOptions options, BlockGeometry geometry)
    {
        var wanted = checked(geometry.Bytes * (options.Tier == SwapTierKind.Ram ? 2 : 1));
        if (wanted > FreeMemory.Now)
        {
            throw new InvalidOptionException(
                $"context: {options.ContextTokens} tokens need arenas of {ByteSize.Format(wanted)} together, and {ByteSize.Format(FreeMemory.Now)} are free; ask for a shorter one.");
        }
    }

    private void FillDevice()
    {
        const int Chunk = 1 << 20;
        var prng = _prng.Split("content");
        for (long offset = 0; offset < _device.Region.Length; offset += Chunk)
        {
            foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(_device.Region.Slice(offset, (int)Math.Min(Chunk, _device.Region.Length - offset))))
            {
                word = prng.NextUInt64();
            }
        }
    }

    /// <summary>Touches all memory of the tier, so that no page is new to a measurement.</summary>
    private void WriteTier() => Move(TransferDirection.Out, [new(0, 0, _device.Blocks)]);

    /// <summary>Out from one place and in to another.</summary>
    private void Switch(Kind kind, bool counts)
    {
        var arena = _device.Blocks;
        var from = BlockPlacement.Draw(_prng, arena, _options.Blocks, kind.DeviceGroup);
        var home = BlockPlacement.Draw(_prng, arena, _options.Blocks, kind.SwapGroup);
        var moved = Move(TransferDirection.Out, Runs(from, home));

        // The way in ends in blocks that did not hold the same before, or it would prove nothing.
        var to = BlockPlacement.Draw(_prng, arena, _options.Blocks, kind.DeviceGroup);
        foreach (var block in to.Except(from))
        {
            Spoil(block);
        }

        var back = Move(TransferDirection.In, Runs(home, to));
        Compare(from, to);
        if (counts)
        {
            kind.Add(moved, back);
        }
    }

    private Moved Move(TransferDirection direction, List<CopyRun> runs)
    {
        var order = new TransferOrder { Ticket = ++_ticket, Direction = direction, Lane = TransferLane.Urgent, Runs = [.. runs] };
        var calls = _engine.Statistics.Calls;
        var start = Stopwatch.GetTimestamp();
        _engine.Submit(order);
        _engine.WaitForEnd(Timeout.InfiniteTimeSpan);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Check.Invariant(_engine.TryTakeEnded(out var ended), $"transfer {order.Ticket} has not ended");
        return ended.Outcome == TransferOutcome.Done
            ? new(seconds, ended.Copies, _engine.Statistics.Calls - calls, runs.Count)
            : throw new RubatoException(ended.Failure ?? $"transfer {order.Ticket} ended as {ended.Outcome}.");
    }

    private static List<CopyRun> Runs(int[] sources, int[] destinations)
    {
        var runs = new List<CopyRun>();
        for (var i = 0; i < sources.Length; i++)
        {
            CopyRuns.Append(runs, sources[i], destinations[i]);
        }

        return runs;
    }

    private void Spoil(int block)
    {
        for (var plane = 0; plane < _device.Geometry.Planes; plane++)
        {
            Piece(plane, block)[0] ^= 1;
        }
    }

    /// <summary>Blocks that came back beside those that left; where the places overlap, what left has been overwritten and says nothing.</summary>
    private void Compare(int[] from, int[] to)
    {
        var overwritten = to.ToHashSet();
        for (var i = 0; i < from.Length; i++)
        {
            for (var plane = 0; plane < _device.Geometry.Planes && !overwritten.Contains(from[i]); plane++)
            {
                if (!Piece(plane, from[i]).SequenceEqual(Piece(plane, to[i])))
                {
                    throw new RubatoException($"block {i} came back different in plane {plane}: the tier, or this program, is broken.");
                }
            }
        }
    }

    private Span<byte> Piece(int plane, int block) => _device.Region.Slice(_device.Geometry.Offset(plane, block), (int)_device.Geometry.PieceBytes);

    private readonly record struct Moved(double Seconds, long Copies, long Calls, int Runs);

    private sealed class Kind(int deviceGroup, int swapGroup)
    {
        private readonly List<(Moved Out, Moved In)> _switches = [];

        public int DeviceGroup => deviceGroup;

        public int SwapGroup => swapGroup;

        public SwitchTimes Result => new(
            Spread.Of(_switches.Select(one => one.Out.Seconds)),
            Spread.Of(_switches.Select(one => one.In.Seconds)),
            Spread.Of(_switches.Select(one => one.Out.Seconds + one.In.Seconds)),
            _switches[^1].Out.Copies, _switches[^1].Out.Calls, _switches[^1].In.Calls, _switches[^1].Out.Runs);

        public void Add(Moved @out, Moved @in) => _switches.Add((@out, @in));
    }
}
