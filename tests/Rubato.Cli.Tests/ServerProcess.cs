using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Rubato.Cli.Tests;

/// <summary><c>rubato up</c> on a free port, as a process.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly string _model;

    private ServerProcess(Process process, JsonElement started)
    {
        _process = process;
        _model = started.GetProperty("model").GetString()!;
        _http = new HttpClient { BaseAddress = new(started.GetProperty("url").GetString()!) };
    }

    public int Port => _http.BaseAddress!.Port;

    /// <summary>Starts the server and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(params string[] args)
    {
        var process = RubatoProcess.Start(["up", "--port", "0", "--json", .. args]);
        var announcement = new StringBuilder();
        for (string? line; (line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)) is not null && line != "}";)
        {
            announcement.Append(line);
        }

        return new(process, JsonDocument.Parse(announcement.Append('}').ToString()).RootElement);
    }

    /// <summary>The answer to a question in chat form, and how many tokens it has.</summary>
    public async Task<(string Text, int Tokens)> AskAsync(double temperature)
    {
        var stop = TestContext.Current.CancellationToken;
        var answer = await _http.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = _model,
            temperature,
            max_tokens = 16,
            messages = new[] { new { role = "user", content = "What does String.Join do?" } },
        }, stop);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(stop);
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        return (
            body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!,
            body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    /// <summary>What /metrics says.</summary>
    public Task<string> MetricsAsync() => _http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    /// <summary>Ends the server as Ctrl-C does; answers its exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        using (var interrupt = Process.Start("sh", ["-c", $"kill -INT {_process.Id}"]))
        {
            await interrupt.WaitForExitAsync(stop);
        }

        await _process.WaitForExitAsync(stop);
        return _process.ExitCode;
    }

    /// <summary>Ends the server as kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _http.Dispose();
    }
}
