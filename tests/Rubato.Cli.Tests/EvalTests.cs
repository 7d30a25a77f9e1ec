using System.Globalization;
using System.Text.Json;

namespace Rubato.Cli.Tests;

public sealed class EvalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-eval-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Perplexity_OfTheShippedModel_IsThatOfLlamaPerplexity()
    {
        var text = await TextAsync();
        var f32 = Path.Combine(_folder, "f32.gguf");
        Assert.Equal(0, (await RubatoProcess.RunAsync("quantize", RubatoProcess.ShippedModel, "--type", "f32", "--out", f32)).ExitCode);
        var result = await Json("eval", "perplexity", "--model", f32, "--file", text, "--context", "128");
        Assert.Equal((128, result.GetProperty("windows").GetInt32() * 63), (result.GetProperty("context").GetInt32(), result.GetProperty("scoredTokens").GetInt32()));
        var perplexity = result.GetProperty("perplexity").GetDouble();
        Assert.InRange(perplexity, 1, 1e6);
        var words = await RubatoProcess.RunAsync("eval", "perplexity", "--model", f32, "--file", text, "--context", "128");
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"perplexity {perplexity:F4} ±"), words.Output);
        var first = await Json("eval", "perplexity", "--model", f32, "--file", text, "--context", "128", "--windows", "1");
        Assert.Equal(63, first.GetProperty("scoredTokens").GetInt32());

        // The shipped model is the same weights in Q8_0.
        var kl = await Json("eval", "kl", "--model", RubatoProcess.ShippedModel, "--reference", f32, "--file", text, "--context", "128", "--windows", "1");
        Assert.InRange(kl.GetProperty("klMean").GetDouble(), 0, 3e-3);
        Assert.InRange(kl.GetProperty("klMax").GetDouble(), kl.GetProperty("klMean").GetDouble(), 1);

        // Only keys and values differ.
        string[] same = ["eval", "kl", "--model", f32, "--reference", f32, "--file", text, "--context", "128", "--windows", "1", "--kv-format"];
        Assert.Equal(0, (await Json([.. same, "f32"])).GetProperty("klMean").GetDouble());
        var (halves, bytes) = ((await Json([.. same, "F16"])).GetProperty("klMean").GetDouble(), (await Json([.. same, "q8_0"])).GetProperty("klMean").GetDouble());
        Assert.InRange(bytes, double.BitIncrement(halves), 3e-3);
    }

    [Theory]
    [InlineData("--context", "1000000", 2, "TEXT has")]
    [InlineData("--context", "2", 2, "context: 2")]
    [InlineData("--windows", "0", 2, "windows: 0")]
    [InlineData("--kv-format", "q4_0", 2, "q4_0")]
    [InlineData("--kv-format", "1", 2, "f16")]
    [InlineData("--file", "no-such-file.txt", 1, "no-such-file.txt")]
    [InlineData("--model", "no-such-file.gguf", 1, "no-such-file.gguf")]
    public async Task WhatDoesNotFit_IsOneLine(string option, string value, int exitCode, string expected)
    {
        var words = new Dictionary<string, string> { ["--model"] = RubatoProcess.ShippedModel, ["--file"] = await TextAsync(), ["--context"] = "128" };
        words[option] = value;
        var result = await RubatoProcess.RunAsync(["eval", "perplexity", .. words.SelectMany(word => new[] { word.Key, word.Value })]);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(expected.Replace("TEXT", "The text", StringComparison.Ordinal), Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    private async Task<string> TextAsync()
    {
        var path = Path.Combine(_folder, "text.txt");
        await File.WriteAllTextAsync(path, string.Join("\n", Enumerable.Repeat("Gets the number of elements contained in the collection. Returns a string that represents the current object.", 12)), TestContext.Current.CancellationToken);
        return path;
    }

    private static async Task<JsonElement> Json(params string[] words)
    {
        var result = await RubatoProcess.RunAsync([.. words, "--json"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
