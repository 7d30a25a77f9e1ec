using System.Diagnostics.CodeAnalysis;
using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Links;

/// <summary>A transfer engine of a simulated world: one channel per direction, lanes, slices, and the times of a <see cref="LinkProfile"/>.</summary>
/// <remarks>
/// Nothing happens by itself: the world asks <see cref="NextEvent"/>, moves its clock there, and takes out what has ended. While both directions
/// run, each moves at the duplex share of its bandwidth; calls cost what they cost. A bulk transfer stops at the border of a slice for an
/// urgent one; when the border lies inside a copy, its rest is one call more.
/// </remarks>
public sealed class SimulatedLink : ITransferEngine
{
    private readonly LinkProfile _profile;
    private readonly LinkOptions _options;
    private readonly VirtualClock _clock;
    private readonly Dictionary<long, LinkJob> _inFlight = [];
    private readonly Queue<EndedTransfer> _ended = [];
    private readonly LinkChannel _out = new();
    private readonly LinkChannel _in = new();
    private readonly Func<LinkJob, bool> _canStart;

    /// <summary>An idle link.</summary>
    public SimulatedLink(LinkProfile profile, VirtualClock clock, LinkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(clock);
        (_profile, _clock, _options) = (profile, clock, options ?? new());
        _canStart = CanStart;
    }

    /// <summary>Orders that have not ended.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>When something happens next if nothing is submitted or cancelled before; null when nothing is in flight and nothing has ended.</summary>
    public Instant? NextEvent => _ended.Count > 0 ? _clock.Now : _out.StopsAt is { } a && _in.StopsAt is { } b ? Instant.Min(a, b) : _out.StopsAt ?? _in.StopsAt;

    /// <summary>How long copies will go on from now, at least, if nothing more is submitted.</summary>
    public Duration BusyFor
    {
        get
        {
            Advance();
            var (longest, now) = (Duration.Zero, _clock.Now);
            foreach (var channel in (ReadOnlySpan<LinkChannel>)[_out, _in])
            {
                var busy = channel.BusyFrom(now);
                longest = busy > longest ? busy : longest;
            }

            return longest;
        }
    }

    /// <inheritdoc/>
    public void Submit(TransferOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        Check.Invariant(!order.Runs.IsDefaultOrEmpty, $"transfer {order.Ticket} has no runs");
        Advance();
        var job = new LinkJob(order, _profile, _options);
        var isNew = _inFlight.TryAdd(order.Ticket, job);
        Check.Invariant(isNew, $"transfer {order.Ticket} is submitted twice");
        ChannelOf(job).Enqueue(job);
        Reconsider(_clock.Now);
        Advance();
    }

    /// <inheritdoc/>
    public void Cancel(long ticket)
    {
        Advance();
        if (_inFlight.TryGetValue(ticket, out var job))
        {
            var channel = ChannelOf(job);
            if (channel.Active == job)
            {
                job.CancelRequested = true;
                channel.StopActiveAtSlice(_clock.Now);
            }
            else
            {
                channel.Remove(job);
                End(job, TransferOutcome.Cancelled);
                Reconsider(_clock.Now);
            }

            Advance();
        }
    }

    /// <inheritdoc/>
    public bool TryTakeEnded([NotNullWhen(true)] out EndedTransfer? ended)
    {
        Advance();
        return _ended.TryDequeue(out ended);
    }

    /// <summary>Lets everything happen that is due.</summary>
    private void Advance()
    {
        while (NextStop() is { } channel && channel.StopsAt <= _clock.Now)
        {
            var at = channel.StopsAt!.Value;
            var job = channel.TakeStopped();
            if (job.IsAtFailure)
            {
                End(job, TransferOutcome.Failed);
            }
            else if (job.IsAtEnd)
            {
                End(job, TransferOutcome.Done);
            }
            else if (job.CancelRequested)
            {
                End(job, TransferOutcome.Cancelled);
            }
            else
            {
                channel.PutBack(job);
            }

            Reconsider(at);
        }
    }

    private LinkChannel? NextStop() => (_out.StopsAt, _in.StopsAt) switch
    {
        (null, null) => null,
        (null, _) => _in,
        (_, null) => _out,
        var (a, b) => a <= b ? _out : _in,
    };

    /// <summary>Starts what can start, lets urgent jobs pass, and sets the speeds anew.</summary>
    private void Reconsider(Instant at)
    {
        foreach (var channel in (ReadOnlySpan<LinkChannel>)[_out, _in])
        {
            if (channel.Active is null)
            {
                channel.StartNext(_canStart, at);
            }
            else if (channel.Active.Order.Lane == TransferLane.Bulk && channel.HasUrgent(_canStart))
            {
                channel.StopActiveAtSlice(at);
            }
        }

        var both = _out.Active is not null && _in.Active is not null;
        _out.SetSpeed(both, at);
        _in.SetSpeed(both, at);
    }

    private bool CanStart(LinkJob job)
    {
        foreach (var ticket in job.Order.After)
        {
            if (_inFlight.ContainsKey(ticket))
            {
                return false;
            }
        }

        return !_options.IsOneStream || job.Order.Direction == TransferDirection.Out || !IsBehindOut(job.Order.Ticket);
    }

    private bool IsBehindOut(long ticket)
    {
        foreach (var (earlier, job) in _inFlight)
        {
            if (earlier < ticket && job.Order.Direction == TransferDirection.Out)
            {
                return true;
            }
        }

        return false;
    }

    private void End(LinkJob job, TransferOutcome outcome)
    {
        _inFlight.Remove(job.Order.Ticket);
        _ended.Enqueue(job.Report(outcome));
    }

    private LinkChannel ChannelOf(LinkJob job) => job.Order.Direction == TransferDirection.Out ? _out : _in;
}
