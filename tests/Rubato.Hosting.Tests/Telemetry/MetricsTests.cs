using System.Diagnostics.Metrics;
using CsCheck;
using Rubato.Hosting.Telemetry;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Telemetry;

public sealed class MetricsTests
{
    private const string Chat = """{"model":"fake/model-1","messages":[{"role":"user","content":"x"}],"temperature":0,"max_tokens":10}""";

    /// <summary>The names that dashboards for vLLM query.</summary>
    private static readonly string[] VllmNames =
    [
        "vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc",
        "vllm:prompt_tokens_total", "vllm:generation_tokens_total", "vllm:num_preemptions_total", "vllm:request_success_total",
        "vllm:time_to_first_token_seconds", "vllm:time_per_output_token_seconds", "vllm:inter_token_latency_seconds",
        "vllm:e2e_request_latency_seconds", "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total",
    ];

    private static readonly string[] GenAiNames =
    [
        "gen_ai_server_request_duration_seconds", "gen_ai_server_time_to_first_token_seconds", "gen_ai_server_time_per_output_token_seconds",
        "gen_ai_client_token_usage",
    ];

    [Fact]
    public async Task AfterRequests_TheNumbersAreRight()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            using var response = await server.PostAsync("/v1/chat/completions", Chat);
            Assert.True(response.IsSuccessStatusCode);
        }

        using var scrape = await server.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", scrape.Content.Headers.ContentType?.ToString());
        var metrics = PrometheusText.Parse(await scrape.Content.ReadAsStringAsync());
        Assert.All(VllmNames.Concat(GenAiNames), name => Assert.Contains(name, metrics.Types));
        var prompt = OpenAi.ChatCompletionTests.Prompt("x").Length;
        Assert.Equal(30, metrics.Value("vllm:generation_tokens_total", ("model_name", TestEngine.ModelName)));
        Assert.Equal(3 * prompt, metrics.Value("vllm:prompt_tokens_total"));
        Assert.Equal(3 * prompt, metrics.Value("vllm:prefix_cache_queries_total"));
        Assert.Equal(2 * ((prompt - 1) / 16 * 16), metrics.Value("vllm:prefix_cache_hits_total"));
        Assert.Equal(3, metrics.Value("vllm:request_success_total", ("finished_reason", "length")));
        Assert.Equal(3, metrics.Value("vllm:time_to_first_token_seconds_count"));
        Assert.Equal(27, metrics.Value("vllm:inter_token_latency_seconds_count"));
        Assert.Equal(3, metrics.Value("gen_ai_server_request_duration_seconds_count", ("gen_ai_operation_name", "chat")));
        Assert.Equal(30, metrics.Value("gen_ai_client_token_usage_sum", ("gen_ai_token_type", "output")));
        Assert.Equal(3 * prompt, metrics.Value("gen_ai_client_token_usage_sum", ("gen_ai_token_type", "input")));
        Assert.Equal(0, metrics.Value("vllm:num_requests_running"));
        Assert.Equal(server.Engine.Engine.Snapshot.Steps, metrics.Value("rubato_engine_steps_total"));
    }

    [Fact]
    public async Task MemoryAndSwitches_AreThoseOfTheScheduler()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync("/v1/chat/completions", Chat);
        Assert.True(response.IsSuccessStatusCode);
        var metrics = PrometheusText.Parse(await server.Client.GetStringAsync("/metrics"));
        var scheduler = server.Engine.Engine.Snapshot.Scheduler;
        Assert.Equal(0, metrics.Value("rubato_requests_running"));
        Assert.Equal(0, metrics.Value("rubato_requests_waiting"));
        Assert.Equal(0, metrics.Value("rubato_requests_swapped"));
        Assert.Equal(scheduler.CachedBlocks, metrics.Value("rubato_kv_blocks_cached"));
        Assert.Equal(scheduler.TotalBlocks, metrics.Value("rubato_kv_blocks_limit"));
        Assert.Equal(scheduler.SwapTotalBlocks, metrics.Value("rubato_swap_blocks_limit"));
        Assert.All(
            [
                "rubato_swap_blocks_used", "rubato_swap_blocks_idle", "rubato_transfers_in_flight", "rubato_blocks_swapped_out_total",
                "rubato_blocks_swapped_in_total", "rubato_preemptions_total", "rubato_resumes_total", "rubato_swap_ins_lost_total",
                "rubato_transfers_failed_total", "rubato_transfers_conflicts_total", "rubato_switches_waited_total",
                "rubato_switches_overlapped_total", "rubato_stalled_seconds_total",
            ],
            name => Assert.Equal(0, metrics.Value(name)));
    }

    [Fact]
    public async Task ClientsAreLabelledByHashes_AndTheLabelsAreBounded()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i <= ClientInstruments.LabelsMax; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(Chat) };
            request.Headers.Add("X-Client-Id", $"secret-{i}");
            using var response = await server.Client.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode);
        }

        var text = await server.Client.GetStringAsync("/metrics");
        Assert.DoesNotContain("secret-", text, StringComparison.Ordinal);
        var metrics = PrometheusText.Parse(text);
        Assert.Equal(10, metrics.Value("rubato_client_tokens_total", ("client", "other"), ("gen_ai_token_type", "output")));
        var output = metrics.Samples.Where(sample => sample.Name == "rubato_client_tokens_total" && sample.Labels["gen_ai_token_type"] == "output").ToArray();
        Assert.Equal((ClientInstruments.LabelsMax + 1, 10.0 * (ClientInstruments.LabelsMax + 1)), (output.Length, output.Sum(sample => sample.Value)));
    }

    [Fact]
    public async Task TwoServersInOneProcess_CountApart()
    {
        await using var busy = await TestServer.StartAsync();
        await using var idle = await TestServer.StartAsync();
        using var response = await busy.PostAsync("/v1/chat/completions", Chat);
        Assert.True(response.IsSuccessStatusCode);
        var metrics = PrometheusText.Parse(await idle.Client.GetStringAsync("/metrics"));
        Assert.DoesNotContain(metrics.Samples, sample => sample.Name == "vllm:generation_tokens_total" && sample.Value > 0);
    }

    [Fact]
    public void AnyLabelAndHelpText_SurvivesTheFormat()
    {
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char["\"\\\n{},="]), 0, 30].Sample(
            text =>
            {
                // Line ends other than \n are written as they are, and cannot be told from the text around them by any reader.
                using var meter = new Meter("test");
                using var exporter = new PrometheusExporter(candidate => candidate == meter);
                var help = "help " + text.Replace("\\n", "", StringComparison.Ordinal).Replace("\\", "/", StringComparison.Ordinal);
                meter.CreateCounter<long>("any.thing", null, help).Add(2, new KeyValuePair<string, object?>("a.label", text));
                var parsed = PrometheusText.Parse(exporter.Export());
                Assert.Equal(2, parsed.Value("any_thing_total", ("a_label", text)));
                Assert.Equal(help, parsed.Help["any_thing_total"]);
            },
            iter: 500);
    }

    [Fact]
    public void Histogram_CountsLikeSorting()
    {
        var bounds = Buckets.FirstTokenSeconds;
        Gen.Double[0, 20].List[1, 50].Sample(
            values =>
            {
                using var meter = new Meter("test");
                using var exporter = new PrometheusExporter(candidate => candidate == meter);
                var histogram = meter.CreateHistogram("h", "s", "h", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
                values.ForEach(value => histogram.Record(value));
                var parsed = PrometheusText.Parse(exporter.Export());
                foreach (var bound in bounds)
                {
                    var le = bound.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                    Assert.Equal(values.Count(value => value <= bound), parsed.Value("h_seconds_bucket", ("le", le)));
                }

                Assert.Equal(values.Sum(), parsed.Value("h_seconds_sum"), 9);
            },
            iter: 100);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("http://127.0.0.1:4317", null, true)]
    [InlineData("http://127.0.0.1:4317", "true", false)]
    [InlineData(" ", null, false)]
    public void OtlpExport_IsOnOnlyWhenTheEnvironmentNamesACollector(string? endpoint, string? disabled, bool expected)
    {
        string? Environment(string name) => name switch
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => endpoint,
            "OTEL_SDK_DISABLED" => disabled,
            _ => null,
        };
        Assert.Equal(expected, OpenTelemetryExport.IsConfigured(Environment));
    }
}
