using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers;

/// <summary>Moves blocks between a device arena and a swap tier on I/O threads of its own, slice by slice.</summary>
/// <remarks>
/// One caller, any thread. A copy that fails ends its order as failed and nothing else. After <see cref="Dispose"/> no thread of it is left, and
/// what had not ended has ended as cancelled.
/// </remarks>
internal sealed class TransferEngine : ITransferEngine, IDisposable
{
    private readonly object _gate = new();
    private readonly TransferQueue _queue = new();
    private readonly Queue<EndedTransfer> _ended = [];
    private readonly ISwapTier _tier;
    private readonly SliceCutter _cutter;
    private readonly SliceCopier _copier;
    private readonly ILogger _log;
    private readonly double _copyShare;
    private readonly Thread[] _threads;
    private TransferStatistics _statistics;
    private bool _computing;
    private bool _stopping;

    /// <summary>Starts the I/O threads of a tier, which the engine owns from now on.</summary>
    /// <param name="device">The device arena; must outlive the engine.</param>
    /// <param name="geometry">Where its blocks lie.</param>
    /// <param name="tier">The other side; its blocks have the same shape.</param>
    /// <param name="options">How to work.</param>
    /// <param name="log">Where failures are told.</param>
    public TransferEngine(NativeRegion device, BlockGeometry geometry, ISwapTier tier, TransferOptions options, ILogger log)
    {
        options.Validate();
        Check.Invariant(geometry with { Blocks = tier.Geometry.Blocks } == tier.Geometry, $"device {geometry}, swap {tier.Geometry}");
        _tier = tier;
        _log = log;
        _copyShare = options.CopyShare ?? tier.CopyShare;
        _cutter = new(geometry, tier.Geometry, options.SliceBytes, tier.Border);
        _copier = new(tier, device, options.Verifies ? new(device, _cutter) : null, options.Faults);
        _threads = [.. Enumerable.Range(0, options.Threads ?? tier.Threads).Select(StartThread)];
    }

    /// <summary>Raised after an order has ended, by the thread that ended it: take it out with <see cref="TryTakeEnded"/>. Handlers only post a message.</summary>
    public event Action? Ended;

    /// <summary>Blocks of the swap arena.</summary>
    public int SwapBlocks => _tier.Geometry.Blocks;

    /// <summary>Which tier it is.</summary>
    public SwapTierKind Kind => _tier.Kind;

    /// <summary>How it copies, in a few words.</summary>
    public string Manner => _tier.Manner;

    /// <summary>I/O threads that have not ended.</summary>
    public int LiveThreads => _threads.Count(thread => thread.IsAlive);

    /// <summary>Whether the model is computing, which limits copies to their share.</summary>
    public bool Computing
    {
        get
        {
            lock (_gate)
            {
                return _computing;
            }
        }

        set
        {
            lock (_gate)
            {
                _computing = value;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>What has been done so far; any thread may ask.</summary>
    public TransferStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return _statistics with { InFlight = _queue.Count };
            }
        }
    }

    /// <inheritdoc/>
    public void Submit(TransferOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        Validate(order);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _queue.Add(order);
            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    public void Cancel(long ticket)
    {
        lock (_gate)
        {
            if (!_queue.TryFind(ticket, out var job) || job.IsHandedOut)
            {
                return;
            }

            job.IsDropped = true;
            if (job.InFlight > 0)
            {
                return;
            }

            End(job);
        }

        Notify();
    }

    /// <inheritdoc/>
    public bool TryTakeEnded([NotNullWhen(true)] out EndedTransfer? ended)
    {
        lock (_gate)
        {
            return _ended.TryDequeue(out ended);
        }
    }

    /// <summary>Waits until an order that has ended can be taken out.</summary>
    /// <param name="limit">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when there is none: nothing is in flight, or the time is over.</returns>
    public bool WaitForEnd(TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (_ended.Count == 0 && _queue.Count > 0)
            {
                var left = limit == Timeout.InfiniteTimeSpan ? limit : limit - Stopwatch.GetElapsedTime(start);
                if ((left < TimeSpan.Zero && left != Timeout.InfiniteTimeSpan) || !Monitor.Wait(_gate, left))
                {
                    break;
                }
            }

            return _ended.Count > 0;
        }
    }

    /// <summary>Stops after the slices that are being copied, ends the rest as cancelled, and frees the tier.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        TransferJob[] left;
        lock (_gate)
        {
            left = [.. _queue.Jobs];
            foreach (var job in left)
            {
                job.IsDropped = true;
                End(job);
            }
        }

        if (left.Length > 0)
        {
            Notify();
        }

        _tier.Dispose();
    }

    private void Validate(TransferOrder order)
    {
        Check.Invariant(!order.Runs.IsDefaultOrEmpty, $"transfer {order.Ticket} moves nothing");
        var (device, swap) = (_cutter.Device.Blocks, _cutter.Swap.Blocks);
        var (source, destination) = order.Direction == TransferDirection.Out ? (device, swap) : (swap, device);
        foreach (var run in order.Runs)
        {
            Check.Invariant(
                run.Count >= 1 && run.Source >= 0 && run.Destination >= 0 && run.Source <= source - run.Count && run.Destination <= destination - run.Count,
                $"transfer {order.Ticket}, {order.Direction}: {run} leaves an arena; device {device} blocks, swap {swap}");
        }
    }

    private Thread StartThread(int index)
    {
        var thread = new Thread(Work) { IsBackground = true, Name = $"rubato-swap-{index}" };
        thread.Start();
        return thread;
    }

    private void Work()
    {
        var slice = new TransferSlice();
        var scratch = new CopyScratch();
        var pace = new CopyPace(_copyShare);
        while (Take(slice, pace))
        {
            var start = Stopwatch.GetTimestamp();
            var failure = _copier.Copy(slice, scratch);
            var busy = Stopwatch.GetElapsedTime(start);
            pace.Copied(busy);
            if (Absorb(slice, failure, scratch.TakeCalls(), busy))
            {
                Notify();
            }
        }
    }

    /// <summary>Waits for the next slice; false when the engine stops.</summary>
    private bool Take(TransferSlice slice, CopyPace pace)
    {
        slice.Clear();
        lock (_gate)
        {
            while (!_stopping)
            {
                if (!_computing)
                {
                    pace.Forget();
                }

                if (pace.DueMilliseconds > 0)
                {
                    pace.PauseOn(_gate);
                }
                else if (_queue.TryNext(out var job))
                {
                    HandOut(job, slice);
                    return true;
                }
                else
                {
                    Monitor.Wait(_gate);
                }
            }

            return false;
        }
    }

    private void HandOut(TransferJob job, TransferSlice slice)
    {
        _cutter.Cut(job.Order, ref job.Cursor, slice);
        slice.Job = job;
        slice.Index = job.Slices++;
        job.InFlight++;
    }

    /// <summary>Counts a slice; true when its order has ended with it.</summary>
    private bool Absorb(TransferSlice slice, string? failure, long calls, TimeSpan busy)
    {
        var job = slice.Job!;
        lock (_gate)
        {
            job.InFlight--;
            _statistics = _statistics with { Calls = _statistics.Calls + calls, Busy = _statistics.Busy + busy };
            if (failure is null)
            {
                job.Copies += slice.Copies;
                job.Bytes += slice.PayloadBytes;
            }
            else
            {
                job.Failure ??= failure;
                job.IsDropped = true;
            }

            if (job.InFlight > 0 || !job.IsHandedOut)
            {
                return false;
            }

            End(job);
            return true;
        }
    }

    /// <summary>The caller holds the lock.</summary>
    private void End(TransferJob job)
    {
        var outcome = job.Failure is not null ? TransferOutcome.Failed
            : job.Cursor.IsAtEnd ? TransferOutcome.Done
            : TransferOutcome.Cancelled;
        var isOut = job.Order.Direction == TransferDirection.Out;
        _statistics = _statistics with
        {
            Copies = _statistics.Copies + job.Copies,
            BytesOut = _statistics.BytesOut + (isOut ? job.Bytes : 0),
            BytesIn = _statistics.BytesIn + (isOut ? 0 : job.Bytes),
            Done = _statistics.Done + (outcome == TransferOutcome.Done ? 1 : 0),
            Failed = _statistics.Failed + (outcome == TransferOutcome.Failed ? 1 : 0),
            Cancelled = _statistics.Cancelled + (outcome == TransferOutcome.Cancelled ? 1 : 0),
        };
        _ended.Enqueue(new(job.Order.Ticket, outcome, job.Copies, job.Bytes, job.Failure));
        if (job.Failure is { } failure && long.IsPow2(_statistics.Failed))
        {
            TransferLog.Failed(_log, _statistics.Failed, failure);
        }

        _queue.End(job);
        Monitor.PulseAll(_gate);
    }

    /// <summary>A handler that throws must not take the I/O thread with it.</summary>
    private void Notify()
    {
        try
        {
            Ended?.Invoke();
        }
        catch (Exception error)
        {
            TransferLog.NotificationFailed(_log, error);
        }
    }
}
