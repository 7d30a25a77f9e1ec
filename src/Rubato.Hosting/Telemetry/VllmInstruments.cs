using System.Diagnostics;
using System.Diagnostics.Metrics;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.Telemetry;

/// <summary>The same measurements under the names that dashboards for vLLM ask for; the colon makes them fit for Prometheus only.</summary>
internal sealed class VllmInstruments
{
    private readonly KeyValuePair<string, object?> _model;
    private readonly KeyValuePair<string, object?> _engine = new("engine", "0");
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _generationTokens;
    private readonly Counter<long> _success;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _outputToken;
    private readonly Histogram<double> _interToken;
    private readonly Histogram<double> _endToEnd;

    public VllmInstruments(string model, Func<EngineSnapshot> snapshot, object? scope)
    {
        _model = new("model_name", model);
        Meter = new Meter(new MeterOptions("vllm") { Scope = scope });
        _promptTokens = Meter.CreateCounter<long>("vllm:prompt_tokens_total", null, "Prompt tokens of requests that got a first token.");
        _generationTokens = Meter.CreateCounter<long>("vllm:generation_tokens_total", null, "Tokens generated.");
        _success = Meter.CreateCounter<long>("vllm:request_success_total", null, "Requests that ended, by reason.");
        _firstToken = Seconds("vllm:time_to_first_token_seconds", "Time from submission to the first token.", Buckets.FirstTokenSeconds);
        _outputToken = Seconds("vllm:time_per_output_token_seconds", "Time between two tokens of a request.", Buckets.OutputTokenSeconds);
        _interToken = Seconds("vllm:inter_token_latency_seconds", "Time between two tokens of a request.", Buckets.OutputTokenSeconds);
        _endToEnd = Seconds("vllm:e2e_request_latency_seconds", "Time from submission to the end.", Buckets.RequestSeconds);
        Gauge("vllm:num_requests_running", "Requests that hold KV blocks.", () => snapshot().Running);
        Gauge("vllm:num_requests_waiting", "Requests that wait for KV blocks.", () => snapshot().Waiting);
        Gauge("vllm:kv_cache_usage_perc", "Share of KV blocks held; 1 is all.", () => Usage(snapshot()));
        Gauge("vllm:gpu_cache_usage_perc", "Share of KV blocks held; 1 is all. Older name.", () => Usage(snapshot()));
        Count("vllm:num_preemptions_total", "Preemptions.", () => snapshot().Preemptions);
        Count("vllm:prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", () => snapshot().PrefixQueryTokens);
        Count("vllm:prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", () => snapshot().PrefixHitTokens);
    }

    public Meter Meter { get; }

    public void TokenGenerated() => _generationTokens.Add(1, _model, _engine);

    public void FirstToken(double seconds, int promptTokens)
    {
        _promptTokens.Add(promptTokens, _model, _engine);
        _firstToken.Record(seconds, _model, _engine);
    }

    public void InterToken(double seconds)
    {
        _outputToken.Record(seconds, _model, _engine);
        _interToken.Record(seconds, _model, _engine);
    }

    public void Ended(double seconds, string reason)
    {
        _endToEnd.Record(seconds, _model, _engine);
        _success.Add(1, new TagList { _model, _engine, { "finished_reason", reason } });
    }

    private static double Usage(EngineSnapshot snapshot) => (double)snapshot.UsedBlocks / snapshot.TotalBlocks;

    private void Count(string name, string description, Func<long> value) =>
        Meter.CreateObservableCounter(name, () => new Measurement<long>(value(), _model, _engine), null, description);

    private void Gauge(string name, string description, Func<double> value) =>
        Meter.CreateObservableGauge(name, () => new Measurement<double>(value(), _model, _engine), null, description);

    private Histogram<double> Seconds(string name, string description, IReadOnlyList<double> bounds) =>
        Meter.CreateHistogram(name, null, description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
