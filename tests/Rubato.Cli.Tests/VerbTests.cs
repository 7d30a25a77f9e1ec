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
    public async Task BenchSwitch_WithAModel_GivesTimesCountsAndRecomputing()
    {
        var result = await RubatoProcess.RunAsync(
            "bench", "switch", "--tier", "file:" + Path.GetTempPath(), "--layout", "layer", "--context", "40", "--group", "2", "--runs", "2", "--model", RubatoProcess.ShippedModel, "--threads", "1", "--json");
        Assert.Equal(0, result.ExitCode);
        var bench = JsonDocument.Parse(result.Output).RootElement;
        var moved = bench.GetProperty("switch");
        var planes = moved.GetProperty("planes").GetInt64();
        Assert.True(planes > 1);
        Assert.Equal(3 * planes, moved.GetProperty("blockByBlock").GetProperty("copies").GetInt64());
        Assert.Equal(2 * planes, moved.GetProperty("groups").GetProperty("copies").GetInt64());
        Assert.True(moved.GetProperty("groups").GetProperty("in").GetProperty("median").GetDouble() > 0);
        Assert.True(bench.GetProperty("recomputeOverSwapIn").GetDouble() > 0);
    }

    [Theory]
    [InlineData("--tier", "disk")]
    [InlineData("--tier", "file:")]
    [InlineData("--tier", "file:/no/such/folder/file")]
    [InlineData("--layout", "rows")]
    [InlineData("--kv", "f64")]
    [InlineData("--context", "0")]
    [InlineData("--context", "1048577")]
    [InlineData("--block-tokens", "0")]
    [InlineData("--group", "-1")]
    [InlineData("--runs", "0")]
    public async Task BenchSwitch_ValueThatBreaksARule_ExitsWithTwo(string option, string value)
    {
        var result = await RubatoProcess.RunAsync("bench", "switch", option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task BenchDecode_AsJson_GivesRatesAndRoofline()
    {
        var result = await RubatoProcess.RunAsync(
            "bench", "decode", "--model", RubatoProcess.ShippedModel, "--prompt", "40", "--tokens", "4", "--sequences", "3", "--chunk", "32", "--threads", "1", "--runs", "2", "--json");
        Assert.Equal(0, result.ExitCode);
        var bench = JsonDocument.Parse(result.Output).RootElement;
        foreach (var name in new[] { "prefill", "decode" })
        {
            var spread = bench.GetProperty(name + "Spread");
            Assert.InRange(bench.GetProperty(name + "TokensPerSecond").GetDouble(), spread[0].GetDouble(), spread[1].GetDouble());
            Assert.True(spread[0].GetDouble() > 0);
        }

        // Each step reads all weights but the norms, and keys and values of three sequences.
        Assert.True(bench.GetProperty("roofline").GetProperty("bytesPerStep").GetInt64() > 5_800_000);
        Assert.True(bench.GetProperty("roofline").GetProperty("decodeShareOfBandwidth").GetDouble() > 0);
        Assert.Equal(1, bench.GetProperty("threads").GetInt32());
    }

    [Theory]
    [InlineData("--prompt", "0")]
    [InlineData("--sequences", "0")]
    [InlineData("--runs", "0")]
    [InlineData("--prompt", "5000")]
    public async Task BenchDecode_NumberOutOfRange_IsBadUsageInOneLine(string option, string value)
    {
        var result = await RubatoProcess.RunAsync("bench", "decode", "--model", RubatoProcess.ShippedModel, option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Equal("", result.Output);
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

    [Fact]
    public async Task SimGranularity_GivesBlocksPerCopyByOccupancy()
    {
        var result = await RubatoProcess.RunAsync("sim", "granularity", "--groups", "32/8", "--json");
        Assert.Equal(0, result.ExitCode);
        var table = JsonDocument.Parse(result.Output).RootElement;
        var row = Assert.Single(table.GetProperty("rows").EnumerateArray());
        Assert.Equal("32/8", row.GetProperty("groups").GetString());
        Assert.Equal(table.GetProperty("occupancies").GetArrayLength(), row.GetProperty("meanRunBlocks").GetArrayLength());
        Assert.All(row.GetProperty("meanRunBlocks").EnumerateArray(), blocks => Assert.True(blocks.GetDouble() > 5));
    }
}
