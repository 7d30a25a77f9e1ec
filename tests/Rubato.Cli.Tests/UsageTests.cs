namespace Rubato.Cli.Tests;

public sealed class UsageTests
{
    public static TheoryData<string> Verbs => ["up", "serve", "run", "info", "convert", "quantize", "eval", "eval perplexity", "eval kl", "bench", "bench serve", "cache", "cache list", "cache clear", "sim", "sim serving", "sim granularity"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_OfEveryVerb_HasUsageExamplesAndExitCodes(string verb)
    {
        var result = await RubatoProcess.RunAsync([.. verb.Split(' '), "--help"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Contains($"rubato {verb}", result.Output);
        Assert.Contains("Examples:\n  ", result.Output);
        Assert.Contains("Exit codes: 0 done, 1 failed", result.Output);
    }

    [Fact]
    public async Task Help_WithoutWords_ListsTheVerbs()
    {
        var result = await RubatoProcess.RunAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.All(Verbs, verb => Assert.Contains(((string)verb.Data).Split(' ')[0], result.Output));
        Assert.Contains("train", result.Output);
    }

    [Theory]
    [InlineData("serv", "Did you mean 'serve'?")]
    [InlineData("inof models/rubato-tiny.gguf", "Did you mean 'info'?")]
    [InlineData("info x --jsn", "Did you mean '--json'?")]
    [InlineData("sim servng", "Did you mean 'serving'?")]
    [InlineData("eval perplexity SHIPPED --file x", "Did you mean '--model' before it?")]
    [InlineData("cache clera", "Did you mean 'clear'?")]
    [InlineData("info", "FILE")]
    [InlineData("run x y --temperature hot", "hot")]
    [InlineData("run x y --temperature -3", "--temperature takes 0 to 100")]
    [InlineData("run x y --min-p 2", "--min-p takes 0 to 1")]
    [InlineData("run x y --presence-penalty -3", "--presence-penalty takes -2 to 2")]
    [InlineData("run x y --logit-bias 5:1", "--logit-bias takes TOKEN=X")]
    [InlineData("serve x --port lots", "lots")]
    public async Task Mistakes_GiveOneLineAndExitCodeTwo(string line, string expected)
    {
        var result = await RubatoProcess.RunAsync(line.Replace("SHIPPED", RubatoProcess.ShippedModel).Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains(expected, result.ErrorLines[0]);
        Assert.StartsWith("See 'rubato", result.ErrorLines[1]);
        Assert.Equal(2, result.ErrorLines.Length);
    }

    [Theory]
    [InlineData("info no-such-file.gguf", "no-such-file.gguf")]
    [InlineData("run no-such-file.gguf hello", "no-such-file.gguf")]
    [InlineData("serve no-such-file.gguf", "no-such-file.gguf")]
    [InlineData("sim serving --replay no-such-file.jsonl", "no-such-file.jsonl")]
    [InlineData("eval no-such-file.gguf", "no-such-file.gguf")]
    [InlineData("sim serving --record /no/such/folder/run.jsonl", "/no/such/folder/run.jsonl")]
    [InlineData("info LICENSE", "GGUF")]
    [InlineData("quantize LICENSE --type Q4_K --out /tmp/rubato-never-written.gguf", "GGUF")]
    [InlineData("quantize no-such-file.gguf --type Q4_K --out /tmp/rubato-never-written.gguf", "no-such-file.gguf")]
    [InlineData("train --out /proc/self/model.gguf", "--out /proc/self/model.gguf: cannot be written: ")]
    [InlineData("train --out LICENSE/model.gguf", "LICENSE is a file, not a folder")]
    [InlineData("train --out /tmp/rubato-never-written.gguf --run /proc/self/runs/1", "--run /proc/self/")]
    [InlineData("train --out /tmp/rubato-never-written.gguf --run LICENSE/runs/1", "LICENSE is a file, not a folder")]
    public async Task Failures_GiveOneLineAndExitCodeOne(string line, string expected) => await ExpectOneLineAsync(line, 1, expected);

    [Theory]
    [InlineData("quantize LICENSE --type Q4_K_M --out /tmp/rubato-never-written.gguf", "Did you mean Q4_K?")]
    [InlineData("quantize LICENSE --type Q4_KM --out /tmp/rubato-never-written.gguf", "--type Q4_KM: choose one of F32, ")]
    [InlineData("quantize LICENSE --type Q4_K", "--out FILE.gguf is missing")]
    [InlineData("up --host 0.0.0.0", "--api-key")]
    [InlineData("up --host nowhere!", "nowhere!")]
    [InlineData("up --port 70000", "70000")]
    [InlineData("up --running 0", "0")]
    [InlineData("lr curve rexx --steps 10", "Did you mean 'rex'?")]
    [InlineData("serve SHIPPED --context 1000000", "--context is 1000000")]
    [InlineData("run SHIPPED hello --threads 5000", "threads: 5000")]
    [InlineData("sim granularity --groups 16", "Group sizes '16' are not two whole numbers")]
    public async Task ValuesThatBreakARule_GiveOneLineAndExitCodeTwo(string line, string expected) => await ExpectOneLineAsync(line, 2, expected);

    private static async Task ExpectOneLineAsync(string line, int exitCode, string expected)
    {
        var words = line.Replace("LICENSE", Path.Combine(RubatoProcess.Root, "LICENSE")).Replace("SHIPPED", RubatoProcess.ShippedModel);
        var result = await RubatoProcess.RunAsync(words.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Single(result.ErrorLines);
        Assert.StartsWith("rubato: ", result.Error);
        Assert.Contains(expected, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
    }
}
