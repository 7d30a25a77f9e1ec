using System.Net;
using System.Text.Json;
using Rubato.Hosting.Tests.Testing;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.OpenAi;

/// <summary>What clients see of the prefix cache: less to wait for, told in the usage, never in the text.</summary>
public sealed class PrefixCachingTests
{
    private static readonly string Long = new('p', 100);

    [Fact]
    public async Task SamePromptAgain_IsCached_AndTheTextIsTheSame()
    {
        await using var server = await TestServer.StartAsync();
        var prompt = TestEngine.Prompt(Long).Length;
        var first = await AskAsync(server, "");
        var second = await AskAsync(server, "");
        var streamed = await AskAsync(server, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        Assert.Equal((0, (prompt - 1) / 16 * 16), (first.Cached, second.Cached));
        Assert.Equal(second.Cached, streamed.Cached);
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task OtherSalt_SharesNothing()
    {
        await using var server = await TestServer.StartAsync();
        await AskAsync(server, ",\"cache_salt\":\"mine\"");
        Assert.Equal(0, (await AskAsync(server, ",\"cache_salt\":\"yours\"")).Cached);
        Assert.Equal(0, (await AskAsync(server, "")).Cached);
        Assert.NotEqual(0, (await AskAsync(server, ",\"cache_salt\":\"mine\"")).Cached);
        using var refused = await server.PostAsync(
            "/v1/completions", $$"""{"model":"fake/model-1","prompt":"x","cache_salt":"{{new string('s', 257)}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task SwitchedOff_NothingIsCached()
    {
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { PrefixCaching = false } });
        await AskAsync(server, "");
        Assert.Equal(0, (await AskAsync(server, "")).Cached);
    }

    [Theory]
    [InlineData(8, 512)]
    [InlineData(3, 64)]
    public async Task ChoicesOfOnePrompt_ComputeItOnce(int choices, int budget)
    {
        var plans = new List<StepPlan>();
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { TokenBudgetPerStep = budget }, BeforeStep = plans.Add });
        var prompt = TestEngine.Prompt(Long).Length;
        var answer = await AskAsync(server, $",\"n\":{choices}");

        // A choice after the first computes the tokens that fill no block, and one token per decode.
        var fed = plans.SelectMany(plan => plan.Slices).Sum(slice => Math.Max(0, Math.Min(prompt, slice.Start + slice.Tokens.Length) - slice.Start));
        Assert.Equal(prompt + ((choices - 1) * (prompt - ((prompt - 1) / 16 * 16))), fed);
        Assert.Equal(0, answer.Cached);
    }

    private static async Task<(string Text, int Cached)> AskAsync(TestServer server, string fields)
    {
        using var response = await server.PostAsync(
            "/v1/completions", $$"""{"model":"fake/model-1","prompt":"{{Long}}","max_tokens":20,"temperature":0{{fields}}}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        var last = text.Split("\n\n").Where(part => part.Contains("\"usage\":{", StringComparison.Ordinal)).Select(part => part.Replace("data: ", "")).Single();
        var body = JsonDocument.Parse(last).RootElement;
        var usage = body.GetProperty("usage");
        Assert.Equal(TestEngine.Prompt(Long).Length, usage.GetProperty("prompt_tokens").GetInt32());
        var choices = body.GetProperty("choices");
        return (
            choices.GetArrayLength() == 0 ? "" : choices[0].GetProperty("text").GetString()!,
            usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }
}
