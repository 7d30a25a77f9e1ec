namespace Rubato.Cli.Tests;

/// <summary><c>rubato up</c> and <c>serve</c> as processes: their ends, their recordings, their seed.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-server-").FullName;

    private string Recording => Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Up_ServesUntilAsked_AndItsRecordingReplays()
    {
        using var server = await ServerProcess.StartAsync("--record", Recording);
        Assert.NotEqual("", (await server.AskAsync(temperature: 0)).Text);
        Assert.Equal(0, await server.InterruptAsync());
        Assert.Equal([Recording], Directory.GetFiles(_folder));
        var replay = await RubatoProcess.RunAsync("sim", "serving", "--replay", Recording);
        Assert.Contains("all byte-identical", replay.Output);
        Assert.Equal("", replay.Error);
    }

    /// <summary>The option reaches the engine: with the cache a prompt that was asked before is found, without it is computed again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NoPrefixCache_ComputesEveryPrompt(bool isOff)
    {
        using var server = await ServerProcess.StartAsync(isOff ? ["--no-prefix-cache", "--block-tokens", "4"] : ["--block-tokens", "4"]);
        var first = await server.AskAsync(temperature: 0);
        Assert.Equal(first.Text, (await server.AskAsync(temperature: 0)).Text);
        var hits = (await server.MetricsAsync()).Split('\n').Single(line => line.StartsWith("vllm:prefix_cache_hits_total{", StringComparison.Ordinal));
        Assert.Equal(isOff, hits.EndsWith(" 0", StringComparison.Ordinal));
        Assert.Equal(0, await server.InterruptAsync());
    }

    [Fact]
    public async Task AKilledServer_LeavesTheOlderRecording_AndAPartialOneThatReplays()
    {
        await File.WriteAllTextAsync(Recording, "older", TestContext.Current.CancellationToken);
        var partial = Recording + ".partial";
        int tokens;
        using (var server = await ServerProcess.StartAsync("--record", Recording))
        {
            tokens = (await server.AskAsync(temperature: 0)).Tokens;
            await server.KillAsync();
        }

        Assert.Equal("older", await File.ReadAllTextAsync(Recording, TestContext.Current.CancellationToken));
        var whole = await RubatoProcess.RunAsync("sim", "serving", "--replay", partial);
        Assert.Contains("all byte-identical", whole.Output);
        Assert.StartsWith($"{tokens} plans replayed", whole.Output); // Each token was one step; not one is missing.

        using (var file = File.OpenWrite(partial))
        {
            file.SetLength(file.Length - 7);
        }

        var cut = await RubatoProcess.RunAsync("sim", "serving", "--replay", partial);
        Assert.Equal(0, cut.ExitCode);
        Assert.Contains("all byte-identical", cut.Output);
        Assert.Contains($"{partial}: the recording was cut short", Assert.Single(cut.ErrorLines));
    }

    [Fact]
    public async Task AServerWhosePortIsTaken_LeavesTheOlderRecordingAlone()
    {
        await File.WriteAllTextAsync(Recording, "older", TestContext.Current.CancellationToken);
        using var server = await ServerProcess.StartAsync();
        var second = await RubatoProcess.RunAsync("up", "--port", $"{server.Port}", "--record", Recording);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("cannot listen", Assert.Single(second.ErrorLines));
        Assert.Equal([Recording], Directory.GetFiles(_folder));
        Assert.Equal("older", await File.ReadAllTextAsync(Recording, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ServersOfOneSeed_SampleTheSameText_AndOfAnotherSeedAnother()
    {
        var texts = new List<string>();
        foreach (var seed in new[] { "5", "5", "6" })
        {
            using var server = await ServerProcess.StartAsync("--seed", seed);
            texts.Add((await server.AskAsync(temperature: 1)).Text);
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
    }
}
