using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Fuzzing;

/// <summary>Alone in the process, so that allocations can be counted.</summary>
[CollectionDefinition(nameof(RequestFuzzTests), DisableParallelization = true)]
public sealed class FuzzCollection;

[Collection(nameof(RequestFuzzTests))]
public sealed class RequestFuzzTests
{
    /// <summary>What a request of a few kilobytes may allocate in the whole process, client included: far from any giant allocation.</summary>
    private const long AllocatedBytesMax = 16 << 20;

    /// <summary>Generous: a request takes well under a millisecond; what hangs or goes quadratic takes longer than this.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task AnyRequest_GetsAnOpenAiErrorOrAValidAnswer()
    {
        var scale = FuzzScale.Value;
        Assert.True(RequestFuzzer.Classes.Sum(one => one.Share) >= 10_000);
        Assert.True(RequestFuzzer.Classes.All(one => one.Share >= 200));
        await using var server = await TestServer.StartAsync(
            new() { Scheduler = new() { ContextTokens = 128, KvBlocks = 256 } }, options => options.Serving.Http.Limits.ChoicesMax = 4);
        var (ok, refused, validJson, total) = (0, 0, 0, 0);
        foreach (var (name, share, make) in RequestFuzzer.Classes)
        {
            for (var i = 0; i < share * scale; i++)
            {
                var request = make(new Prng(20261124).Split(name).Split((ulong)i));
                var status = await SendAsync(server, request, $"{name} {i}");
                ok += status == HttpStatusCode.OK ? 1 : 0;
                refused += status != HttpStatusCode.OK ? 1 : 0;
                validJson += IsJson(request.Body) ? 1 : 0;
                total++;
            }
        }

        // Both answers are common, or the fuzzer no longer reaches what it should.
        Assert.True(ok > 2000 * scale && refused > 4000 * scale && validJson >= total / 2, $"{ok} answered, {refused} refused, {validJson} of {total} valid JSON");
        Assert.Equal(EngineState.Running, server.Engine.Engine.Snapshot.State);
        Assert.Equal((0, 0), (server.Engine.Engine.Snapshot.UsedBlocks, server.Engine.Engine.Snapshot.Waiting));
    }

    private static async Task<HttpStatusCode> SendAsync(TestServer server, FuzzedRequest fuzzed, string label)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        using var limit = new CancellationTokenSource(TimeMax);
        using var request = new HttpRequestMessage(new HttpMethod(fuzzed.Method), server.BaseAddress.GetLeftPart(UriPartial.Authority) + fuzzed.Path)
        {
            Content = fuzzed.Method == "GET" ? null : new ByteArrayContent(fuzzed.Body),
        };
        request.Content?.Headers.TryAddWithoutValidation("Content-Type", fuzzed.ContentType);
        request.Headers.Host = fuzzed.Host;
        if (fuzzed.Origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", fuzzed.Origin);
        }

        using var response = await server.Client.SendAsync(request, limit.Token);
        var body = await response.Content.ReadAsStringAsync(limit.Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK || (int)response.StatusCode is >= 400 and < 500, $"{label}: {response.StatusCode} {body}");
        Assert.True(fuzzed.Expected.Length == 0 || fuzzed.Expected.Contains((int)response.StatusCode), $"{label}: {response.StatusCode} {body}");
        CheckBody(response, body, generates: fuzzed.Path.EndsWith("/completions", StringComparison.Ordinal));
        var used = GC.GetTotalAllocatedBytes() - allocated;
        Assert.True(used < AllocatedBytesMax, $"{label}: {used} bytes allocated in {watch.Elapsed}");
        return response.StatusCode;
    }

    private static void CheckBody(HttpResponseMessage response, string body, bool generates)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            OpenAiErrors.Parse(body);
        }
        else if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            Assert.EndsWith(generates ? "data: [DONE]\n\n" : "\n\n", body);
        }
        else
        {
            var root = JsonDocument.Parse(body).RootElement;
            if (!generates)
            {
                Assert.Equal(JsonValueKind.Object, root.ValueKind);
                return;
            }

            Assert.True(root.GetProperty("choices").GetArrayLength() > 0);
            Assert.True(root.GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        }
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
