using System.Diagnostics.Metrics;
using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Serving;

namespace Rubato.Hosting.Telemetry;

/// <summary>What the engine measures, one sequence counting as one request, recorded under both families of names.</summary>
internal sealed class ServingMetrics : IDisposable
{
    private readonly GenAiInstruments _genAi;
    private readonly VllmInstruments _vllm;
    private readonly ClientInstruments _clients;

    public ServingMetrics(string model, Func<EngineSnapshot> snapshot, object? scope)
    {
        _genAi = new GenAiInstruments(model, snapshot, scope);
        _vllm = new VllmInstruments(model, snapshot, scope);
        _clients = new ClientInstruments(_genAi.Meter, model);
        _ = new SchedulerInstruments(_genAi.Meter, model, snapshot);
    }

    public IReadOnlyList<Meter> Meters => [_genAi.Meter, _vllm.Meter];

    public void Refused(AdmissionOutcome outcome) => _genAi.Refused(outcome);

    public void TokenGenerated(ActiveSequence sequence, Instant now)
    {
        _vllm.TokenGenerated();
        _clients.Generated(sequence.Request.Client);
        if (sequence.LastTokenAt is { } last)
        {
            _vllm.InterToken((now - last).Seconds);
        }
        else
        {
            sequence.FirstTokenAt = now;
            var waited = (now - sequence.SubmittedAt).Seconds;
            _genAi.FirstToken(sequence.Operation, waited);
            _vllm.FirstToken(waited, sequence.Request.PromptTokens.Length);
            _clients.Prompt(sequence.Request.Client, sequence.Request.PromptTokens.Length);
        }

        sequence.LastTokenAt = now;
    }

    public void SequenceEnded(ActiveSequence sequence, FinishReason reason, Instant now)
    {
        var seconds = (now - sequence.SubmittedAt).Seconds;
        _genAi.Ended(sequence.Operation, seconds, reason == FinishReason.Cancelled ? "cancelled" : null);
        _genAi.Tokens(sequence.Operation, sequence.Request.PromptTokens.Length, sequence.OutputTokens);
        _vllm.Ended(seconds, ReasonName(reason));
        if (reason != FinishReason.Cancelled && sequence is { FirstTokenAt: { } first, LastTokenAt: { } last, OutputTokens: > 1 })
        {
            _genAi.OutputToken(sequence.Operation, (last - first).Seconds / (sequence.OutputTokens - 1));
        }
    }

    public void SequenceFailed(ActiveSequence sequence, Instant now) =>
        _genAi.Ended(sequence.Operation, (now - sequence.SubmittedAt).Seconds, "executor_failure");

    public void Dispose()
    {
        _genAi.Meter.Dispose();
        _vllm.Meter.Dispose();
    }

    private static string ReasonName(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        _ => "abort",
    };
}
