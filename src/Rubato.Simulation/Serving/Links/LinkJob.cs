using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Links;

/// <summary>A transfer on a simulated link: how far it has come, on a scale of seconds that it would take alone.</summary>
internal sealed class LinkJob
{
    private readonly LinkProfile _profile;
    private readonly LinkOptions _options;
    private readonly double _callSeconds;
    private readonly double _wireSeconds;
    private readonly double _slowness;
    private readonly double? _failsAt;
    private long _cuts;
    private bool _stopsInCopy;

    public LinkJob(TransferOrder order, LinkProfile profile, LinkOptions options)
    {
        (Order, _profile, _options) = (order, profile, options);
        Blocks = order.Blocks;
        Runs = options.AssumedRunBlocks is { } assumed ? Blocks / Math.Min(assumed, Blocks) : order.Runs.Length;
        var luck = Prng.Mix(options.Seed, (ulong)order.Ticket);
        _slowness = Chance(luck, 0, options.SlowPerMille) ? options.SlowFactor : 1;
        _callSeconds = _slowness * profile.CallSeconds(order.Direction, Runs);
        _wireSeconds = _slowness * profile.WireSeconds(order.Direction, Blocks);
        _failsAt = Chance(luck, 1, options.FailPerMille) ? Prng.Mix(luck, 2) % 1000 / 1000.0 * Length : null;
        StopAt = _failsAt ?? Length;
    }

    public TransferOrder Order { get; }

    public int Blocks { get; }

    public double Runs { get; }

    /// <summary>Seconds of the whole job alone.</summary>
    public double Length => _callSeconds + _wireSeconds;

    /// <summary>Where it is.</summary>
    public double Position { get; set; }

    /// <summary>Where it stops: at its end, at the failure, or at the border of the slice that it is in.</summary>
    public double StopAt { get; private set; }

    /// <summary>Seconds of the call that goes on with a copy that was cut.</summary>
    public double ResumeSeconds { get; set; }

    public bool CancelRequested { get; set; }

    public bool IsAtEnd => Position >= Length;

    public bool IsAtFailure => _failsAt is { } at && Position >= at;

    /// <summary>How fast it moves on the scale of <see cref="Position"/> while the other direction runs too.</summary>
    public double DuplexSpeed => Length == 0 ? 1 : Length / (_callSeconds + _wireSeconds / _profile.DuplexFactor);

    /// <summary>Lets it stop at the border of its slice, so that another one can go first.</summary>
    public void StopAtSlice()
    {
        (var border, _stopsInCopy) = Border(Position);
        StopAt = Math.Min(StopAt, border);
    }

    /// <summary>Lets it go on to its end. A copy in the middle of which it stopped takes another call.</summary>
    public void Resume()
    {
        if (_stopsInCopy)
        {
            _stopsInCopy = false;
            _cuts++;
            ResumeSeconds = _slowness * _profile.Channel(Order.Direction).CallSeconds;
        }

        StopAt = _failsAt ?? Length;
    }

    /// <summary>What is reported of it now.</summary>
    public EndedTransfer Report(TransferOutcome outcome)
    {
        var share = Length == 0 ? (outcome == TransferOutcome.Done ? 1 : 0) : Math.Min(1, Position / Length);
        var whole = IsAtEnd && outcome == TransferOutcome.Done;
        var copies = whole ? _profile.Planes * Runs : Math.Ceiling(_profile.Planes * Runs * share);
        var bytes = _profile.BlockBytes * Blocks;
        return new(
            Order.Ticket,
            outcome,
            (long)Math.Round(copies) + _cuts,
            whole ? bytes : (long)(bytes * share),
            outcome == TransferOutcome.Failed ? FormattableString.Invariant($"transfer {Order.Ticket}: an injected failure.") : null);
    }

    private static bool Chance(ulong luck, ulong kind, int perMille) => Prng.Mix(luck, 16 + kind) % 1000 < (ulong)perMille;

    /// <summary>The end of the slice that <paramref name="position"/> lies in, and whether it lies inside a copy.</summary>
    private (double At, bool InCopy) Border(double position)
    {
        var channel = _profile.Channel(Order.Direction);
        if (_options.AssumedRunBlocks is not null)
        {
            return AssumedBorder(position);
        }

        var start = 0.0;
        foreach (var run in Order.Runs)
        {
            var bytes = run.Count * _profile.PlaneBytes;
            var copy = _slowness * channel.SecondsOfCopy(bytes);
            var end = start + _profile.Planes * copy;
            if (position < end)
            {
                return BorderInRun(position - start, start, bytes, copy);
            }

            start = end;
        }

        return (Length, false);
    }

    private (double At, bool InCopy) BorderInRun(double offset, double start, long bytes, double copy)
    {
        var channel = _profile.Channel(Order.Direction);
        var index = Math.Min(_profile.Planes - 1, (long)(offset / copy));
        if (bytes <= _options.SliceBytes || double.IsInfinity(channel.BytesPerSecond))
        {
            var together = Math.Max(1, _options.SliceBytes / bytes);
            return (start + Math.Min(_profile.Planes, (index / together + 1) * together) * copy, false);
        }

        var sent = Math.Max(0, (offset - index * copy) / _slowness - channel.CallSeconds) * channel.BytesPerSecond;
        var next = (Math.Floor(sent / _options.SliceBytes) + 1) * _options.SliceBytes;
        return next >= bytes
            ? (start + (index + 1) * copy, false)
            : (start + index * copy + _slowness * channel.SecondsOfCopy(next), true);
    }

    private (double At, bool InCopy) AssumedBorder(double position)
    {
        var slices = Math.Max(1, Math.Ceiling((double)_profile.BlockBytes * Blocks / _options.SliceBytes));
        var slice = Length / slices;
        return (Math.Min(Length, slice > 0 ? (Math.Floor(position / slice) + 1) * slice : Length), false);
    }
}
