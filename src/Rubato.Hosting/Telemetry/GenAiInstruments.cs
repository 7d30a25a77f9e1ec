using System.Diagnostics;
using System.Diagnostics.Metrics;
using Rubato.Hosting.Engine;
using Rubato.Serving;

namespace Rubato.Hosting.Telemetry;

/// <summary>Instruments named by OpenTelemetry's semantic conventions for generative AI, and a few of our own.</summary>
internal sealed class GenAiInstruments
{
    public const string MeterName = "Rubato.Serving";

    private readonly string _model;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _outputToken;
    private readonly Histogram<long> _tokens;
    private readonly Counter<long> _refused;

    public GenAiInstruments(string model, Func<EngineSnapshot> snapshot, object? scope)
    {
        _model = model;
        Meter = new Meter(new MeterOptions(MeterName) { Scope = scope });
        _duration = Seconds("gen_ai.server.request.duration", "Time from submission to the last token.", Buckets.RequestSeconds);
        _firstToken = Seconds("gen_ai.server.time_to_first_token", "Time from submission to the first token.", Buckets.FirstTokenSeconds);
        _outputToken = Seconds(
            "gen_ai.server.time_per_output_token", "Mean time per token after the first, of one request.", Buckets.OutputTokenSeconds);
        _tokens = Meter.CreateHistogram(
            "gen_ai.client.token.usage", "{token}", "Tokens of one request, in and out.", null, new InstrumentAdvice<long>
            {
                HistogramBucketBoundaries = [.. Buckets.Tokens.Select(bound => (long)bound)],
            });
        _refused = Meter.CreateCounter<long>("rubato.requests.refused", "{request}", "Requests refused at the door, by outcome.");
        Meter.CreateObservableCounter("rubato.engine.steps", () => Of(snapshot().Steps), "{step}", "Steps completed.");
        Meter.CreateObservableGauge("rubato.kv_blocks.used", () => Of(snapshot().UsedBlocks), "{block}", "KV blocks held by sequences.");
        Meter.CreateObservableGauge(
            "rubato.kv_blocks.cached", () => Of(snapshot().CachedBlocks), "{block}", "KV blocks that are free and whose content the prefix cache can use.");
        Meter.CreateObservableGauge("rubato.kv_blocks.limit", () => Of(snapshot().TotalBlocks), "{block}", "KV blocks in the pool.");
    }

    public Meter Meter { get; }

    public void Refused(AdmissionOutcome outcome) => _refused.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void FirstToken(GenerationOperation operation, double seconds) => _firstToken.Record(seconds, Tags(operation));

    public void OutputToken(GenerationOperation operation, double seconds) => _outputToken.Record(seconds, Tags(operation));

    public void Ended(GenerationOperation operation, double seconds, string? errorType)
    {
        var tags = Tags(operation);
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _duration.Record(seconds, tags);
    }

    public void Tokens(GenerationOperation operation, long input, long output)
    {
        var tags = Tags(operation);
        tags.Add("gen_ai.token.type", "input");
        _tokens.Record(input, tags);
        tags = Tags(operation);
        tags.Add("gen_ai.token.type", "output");
        _tokens.Record(output, tags);
    }

    private Histogram<double> Seconds(string name, string description, IReadOnlyList<double> bounds) =>
        Meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private TagList Tags(GenerationOperation operation) => new()
    {
        { "gen_ai.operation.name", NameOf(operation) },
        { "gen_ai.provider.name", "rubato" },
        { "gen_ai.request.model", _model },
        { "gen_ai.response.model", _model },
    };

    private Measurement<long> Of(long value) => new(value, new KeyValuePair<string, object?>("gen_ai.request.model", _model));

    private static string NameOf(GenerationOperation operation) => operation switch
    {
        GenerationOperation.Chat => "chat",
        GenerationOperation.Embeddings => "embeddings",
        _ => "text_completion",
    };
}
