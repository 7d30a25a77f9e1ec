using System.Text.Json;

namespace Rubato.Cli.Tests;

public sealed class VerbTests
{
    [Fact]
    public async Task Info_AsJson_NamesArchitectureSizesAndTensorTypes()
    {
        var result = await RubatoProcess.RunAsync("info", RubatoProcess.ShippedModel, "--json");
        Assert.Equal(0, result.ExitCode);
        var info = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal("llama", info.GetProperty("architecture").GetString());
        Assert.Equal(new FileInfo(RubatoProcess.ShippedModel).Length, info.GetProperty("fileBytes").GetInt64());
        Assert.True(info.GetProperty("parameterCount").GetInt64() >= 4_000_000);
        Assert.True(info.GetProperty("contextLength").GetInt64() >= 4096);
        Assert.Contains(info.GetProperty("tensors").EnumerateArray(), tensor => tensor.GetProperty("name").GetString() == "token_embd.weight");
    }

    [Fact]
    public async Task ShippedModel_IsAtMostEightMegabytes() =>
        Assert.True(await Task.FromResult(new FileInfo(RubatoProcess.ShippedModel).Length) <= 8_000_000);

    [Fact]
    public async Task Run_WithOneSeed_GivesOneText()
    {
        string[] words = ["run", RubatoProcess.ShippedModel, "What does String.Join do?", "--max-tokens", "24", "--temperature", "0.8", "--seed", "5"];
        var text = await RubatoProcess.RunAsync(words);
        Assert.Equal(0, text.ExitCode);
        Assert.NotEqual("", text.Output.Trim());
        var json = JsonDocument.Parse((await RubatoProcess.RunAsync([.. words, "--json"])).Output).RootElement;
        Assert.Equal(text.Output.TrimEnd('\n'), json.GetProperty("text").GetString()!.TrimEnd('\n'));
    }

    [Fact]
    public async Task Run_WithoutPrompt_ReadsStandardInput()
    {
        var piped = await RubatoProcess.RunWithInputAsync("Gets the number of", "run", RubatoProcess.ShippedModel, "--raw", "--max-tokens", "8");
        var typed = await RubatoProcess.RunAsync("run", RubatoProcess.ShippedModel, "Gets the number of", "--raw", "--max-tokens", "8");
        Assert.Equal(0, piped.ExitCode);
        Assert.Equal(typed.Output, piped.Output);
    }

    [Fact]
    public async Task Sim_WithOneSeed_IsOneWorld_AndItsRecordingReplays()
    {
        var recording = Path.Combine(Path.GetTempPath(), $"rubato-cli-{Environment.ProcessId}.jsonl");
        try
        {
            var first = await RubatoProcess.RunAsync("sim", "serving", "--seed", "5", "--json", "--record", recording);
            var second = await RubatoProcess.RunAsync("sim", "serving", "--seed", "5", "--json");
            Assert.Equal(0, first.ExitCode);
            Assert.Equal(first.Output, second.Output);
            var replay = JsonDocument.Parse((await RubatoProcess.RunAsync("sim", "serving", "--replay", recording, "--json")).Output).RootElement;
            Assert.True(replay.GetProperty("identical").GetBoolean());
            Assert.True(replay.GetProperty("plans").GetInt64() > 0);
        }
        finally
        {
            File.Delete(recording);
        }
    }
}
