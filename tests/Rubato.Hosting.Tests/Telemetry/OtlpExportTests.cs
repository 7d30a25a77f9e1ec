using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Tests.Fuzzing;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Telemetry;

/// <summary>Sets environment variables of the process, so nothing else runs beside it.</summary>
[Collection(nameof(RequestFuzzTests))]
public sealed class OtlpExportTests
{
    [Fact]
    public async Task StandardVariables_SendTheMetricsToTheCollector()
    {
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/metrics", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.TrySetResult(body.ToArray());
        });
        await collector.StartAsync();
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        try
        {
            await using (var server = await TestServer.StartAsync())
            {
                using var response = await server.PostAsync(
                    "/v1/chat/completions", """{"model":"fake/model-1","messages":[{"role":"user","content":"x"}],"max_tokens":3}""");
                Assert.True(response.IsSuccessStatusCode);
            }

            // The names stand in the message as plain UTF-8.
            var text = System.Text.Encoding.UTF8.GetString(await Wait.AtMost(received.Task));
            Assert.Contains("gen_ai.server.time_to_first_token", text, StringComparison.Ordinal);
            Assert.DoesNotContain("vllm:", text, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", null);
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", null);
        }
    }
}
