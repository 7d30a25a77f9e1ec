using System.Buffers;
using System.Text.Json;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Journal;

/// <summary>Writes a journal as JSON Lines: a header, then one line per call to the scheduler.</summary>
/// <remarks>
/// A journal holds the token ids of every prompt and output: keep it as private as the conversations. Each line goes to the
/// stream in one write; the stream is the caller's, who also decides on buffering.
/// </remarks>
public sealed class JournalWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _json;

    /// <summary>Writes the header to <paramref name="stream"/>.</summary>
    public JournalWriter(Stream stream, JournalHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(header);
        _stream = stream;
        _json = new(_line);
        WriteHeader(header);
    }

    /// <summary>Writes one line.</summary>
    public void Write(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        switch (entry)
        {
            case AdmitEntry admit:
                Begin("admit", entry);
                WriteRequest(admit.Request);
                _json.WriteString("outcome", EnumNames<AdmissionOutcome>.NameOf(admit.Outcome));
                break;
            case CancelEntry cancel:
                Begin("cancel", entry);
                _json.WriteNumber("id", cancel.Id.Value);
                _json.WriteBoolean("wasAlive", cancel.WasAlive);
                break;
            case PlanEntry plan:
                Begin("plan", entry);
                _json.WritePropertyName("plan");
                _json.WriteRawValue(plan.Plan.Span, skipInputValidation: true);
                break;
            case CompleteEntry complete:
                Begin("complete", entry);
                WriteCompletion(complete);
                break;
            case TransferEndedEntry transfer:
                Begin("transferEnded", entry);
                _json.WriteNumber("ticket", transfer.Ticket);
                _json.WriteString("outcome", EnumNames<TransferOutcome>.NameOf(transfer.Outcome));
                break;
            case ShutdownEntry shutdown:
                Begin("shutdown", entry);
                _json.WriteString("mode", EnumNames<ShutdownMode>.NameOf(shutdown.Mode));
                break;
            default:
                throw new ArgumentException($"A journal has no line for {entry.GetType().Name}.", nameof(entry));
        }

        EndLine();
    }

    /// <summary>Flushes the stream.</summary>
    public void Flush() => _stream.Flush();

    /// <summary>Flushes the stream and leaves it open.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _stream.Flush();
    }

    private void WriteHeader(JournalHeader header)
    {
        _json.WriteStartObject();
        _json.WriteNumber("rubatoJournal", JournalHeader.Version);
        _json.WriteNumber("blockTokens", header.Options.BlockTokens);
        _json.WriteNumber("kvBlocks", header.Options.KvBlocks);
        _json.WriteNumber("tokenBudgetPerStep", header.Options.TokenBudgetPerStep);
        _json.WriteNumber("runningMax", header.Options.RunningMax);
        _json.WriteNumber("waitingMax", header.Options.WaitingMax);
        _json.WriteNumber("contextTokens", header.Options.ContextTokens);
        _json.WriteBoolean("prefixCaching", header.Options.PrefixCaching);
        _json.WriteString("policy", header.Options.Policy);
        OptionsJson.Write(_json, "fairness", header.Options.Fairness);
        OptionsJson.Write(_json, "switching", header.Options.Switching);
        EndLine();
    }

    private void WriteRequest(Request request)
    {
        _json.WriteStartObject("request");
        _json.WriteNumber("id", request.Id.Value);
        _json.WriteString("client", request.Client);
        if (request.User.Length > 0)
        {
            _json.WriteString("user", request.User);
        }

        if (request.Priority != 0)
        {
            _json.WriteNumber("priority", request.Priority);
        }

        _json.WriteNumber("outputTokensMax", request.OutputTokensMax);
        if (request.HiddenStates != HiddenStateUse.None)
        {
            _json.WriteString("hiddenStates", EnumNames<HiddenStateUse>.NameOf(request.HiddenStates));
        }

        if (request.CacheSalt.Length > 0)
        {
            _json.WriteString("cacheSalt", request.CacheSalt);
        }

        PlanCodec.WriteSampling(_json, request.Sampling);
        PlanCodec.WriteTokens(_json, "stopTokens", request.StopTokens);
        PlanCodec.WriteTokens(_json, "promptTokens", request.PromptTokens);
        _json.WriteEndObject();
    }

    private void WriteCompletion(CompleteEntry complete)
    {
        _json.WriteNumber("step", complete.Step);
        _json.WriteStartArray("tokens");
        foreach (var token in complete.Tokens)
        {
            _json.WriteStartObject();
            _json.WriteNumber("request", token.Request.Value);
            _json.WriteNumber("token", token.Token);
            _json.WriteBoolean("ends", token.EndsRequest);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void Begin(string call, JournalEntry entry)
    {
        _json.WriteStartObject();
        _json.WriteString("call", call);
        _json.WriteNumber("at", entry.At.Nanoseconds);
    }

    private void EndLine()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _stream.Write(_line.WrittenSpan);
        _line.ResetWrittenCount();
        _json.Reset(_line);
    }
}
