using System.Buffers.Text;
using System.Security.Cryptography;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>SHA-256 over everything that happened, one canonical line per event: equal runs have equal hashes, on any machine.</summary>
/// <remarks>
/// Lines end with a line feed; fields are separated by spaces, times are nanoseconds: <c>A time request client prompt outcome</c>,
/// <c>P time step request:start+tokens… </c>, <c>X request</c> (preempted), <c>T ticket direction lane source&gt;destination*count…</c>,
/// <c>E time ticket outcome bytes</c>, <c>C time step</c>, <c>F request reason tokens</c>, <c>L time request</c> (cancelled), <c>Z time</c>.
/// </remarks>
internal sealed class EventHash : ServingObserver, IDisposable
{
    private const int Room = 512;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _length;

    /// <summary>The hash of what happened so far, in lower-case hexadecimal.</summary>
    public string Value
    {
        get
        {
            Flush();
            return Convert.ToHexStringLower(_hash.GetCurrentHash());
        }
    }

    public void Dispose() => _hash.Dispose();

    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        Begin('A', now.Nanoseconds);
        Add(' ', request.Id.Value);
        Add(' ', request.Client);
        Add(' ', request.PromptTokens.Length);
        Add(' ', (long)outcome);
        End();
    }

    public override void Cancelled(RequestId id, Instant now)
    {
        Begin('L', now.Nanoseconds);
        Add(' ', id.Value);
        End();
    }

    public override void Planned(StepPlan plan, Instant now)
    {
        Begin('P', now.Nanoseconds);
        Add(' ', plan.Step);
        foreach (var slice in plan.Slices)
        {
            Add(' ', slice.Request.Value);
            Add(':', slice.Start);
            Add('+', slice.Tokens.Length);
        }

        End();
        foreach (var request in plan.Preempted)
        {
            Begin('X', request.Value);
            End();
        }

        foreach (var order in plan.Transfers)
        {
            Begin('T', order.Ticket);
            Add(' ', (long)order.Direction);
            Add(' ', (long)order.Lane);
            foreach (var run in order.Runs)
            {
                Add(' ', run.Source);
                Add('>', run.Destination);
                Add('*', run.Count);
            }

            End();
        }
    }

    public override void TransferEnded(EndedTransfer transfer, Instant now)
    {
        Begin('E', now.Nanoseconds);
        Add(' ', transfer.Ticket);
        Add(' ', (long)transfer.Outcome);
        Add(' ', transfer.Bytes);
        End();
    }

    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        Begin('C', now.Nanoseconds);
        Add(' ', plan.Step);
        End();
        foreach (var finished in completion.Finished)
        {
            Begin('F', finished.Id.Value);
            Add(' ', (long)finished.Reason);
            Add(' ', finished.OutputTokens);
            End();
        }
    }

    public override void Ended(Instant now)
    {
        Begin('Z', now.Nanoseconds);
        End();
    }

    private void Begin(char kind, long number)
    {
        Add(kind);
        Add(' ', number);
    }

    private void Add(char before, long number)
    {
        Add(before);
        var fits = Utf8Formatter.TryFormat(number, _buffer.AsSpan(_length), out var written);
        Check.Invariant(fits, $"{_length} of {_buffer.Length} bytes are in use");
        _length += written;
    }

    private void Add(char before, string text)
    {
        Add(before);
        foreach (var rune in text.EnumerateRunes())
        {
            Reserve();
            _length += rune.EncodeToUtf8(_buffer.AsSpan(_length));
        }
    }

    private void Add(char symbol)
    {
        Reserve();
        _buffer[_length++] = (byte)symbol;
    }

    private void End() => Add('\n');

    private void Reserve()
    {
        if (_length > _buffer.Length - Room)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _length);
        _length = 0;
    }
}
