using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Rubato.Core;

namespace Rubato.Hosting.Engine;

/// <summary>A running generation of one or more sequences. Enumerate it once for its events; dispose it to cancel what still runs.</summary>
/// <remarks>
/// Events wait in a buffer bounded by the output limits of the sequences, so a slow reader never holds up the engine.
/// The enumeration ends after every sequence has ended; it throws <see cref="GenerationFailedException"/> when any of them failed.
/// </remarks>
public sealed class GenerationHandle : IAsyncEnumerable<GenerationEvent>, IDisposable
{
    private readonly Action<GenerationHandle> _cancel;
    private readonly Channel<GenerationEvent> _events;
    private int _cancelled;
    private int _running;

    internal GenerationHandle(int sequences, long eventsMax, Action<GenerationHandle> cancel)
    {
        Sequences = sequences;
        _running = sequences;
        _cancel = cancel;
        var capacity = (int)Math.Min(eventsMax, int.MaxValue);
        _events = Channel.CreateBounded<GenerationEvent>(new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>How many sequences the generation has.</summary>
    public int Sequences { get; }

    /// <summary>The engine's view of the sequences, touched on the engine thread only.</summary>
    internal List<ActiveSequence> Active { get; } = [];

    /// <inheritdoc/>
    public async IAsyncEnumerator<GenerationEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (TryRead(out var next))
                {
                    yield return next;
                }
            }
        }
        finally
        {
            Cancel();
        }
    }

    /// <summary>Cancels what still runs; its KV blocks are free before the next step is planned. Harmless when all has ended.</summary>
    public void Cancel()
    {
        if (Volatile.Read(ref _running) > 0 && Interlocked.Exchange(ref _cancelled, 1) == 0)
        {
            _cancel(this);
        }
    }

    /// <summary>Cancels what still runs.</summary>
    public void Dispose() => Cancel();

    /// <summary>Waits for an event; false when there will be none.</summary>
    internal ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _events.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes an event that waits.</summary>
    internal bool TryRead([MaybeNullWhen(false)] out GenerationEvent next) => _events.Reader.TryRead(out next);

    /// <summary>Hands an event to the reader, from the engine thread.</summary>
    internal void Deliver(GenerationEvent next)
    {
        var accepted = _events.Writer.TryWrite(next);
        Check.Invariant(accepted, $"sequence {next.Sequence}: the buffer holds every event");
        if (next.End is not null)
        {
            Volatile.Write(ref _running, _running - 1);
            if (_running == 0)
            {
                _events.Writer.TryComplete();
            }
        }
    }

    /// <summary>Breaks the enumeration off, from the engine thread.</summary>
    internal void Fail(GenerationFailedException error)
    {
        Volatile.Write(ref _running, 0);
        _events.Writer.TryComplete(error);
    }
}
