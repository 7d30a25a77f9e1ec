using System.Net;
using Rubato.Hosting.Tests.Testing;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.OpenAi;

/// <summary>What a client writes in a request is what the sampler is told.</summary>
public sealed class SamplingFieldTests
{
    [Theory]
    [InlineData("repetition_penalty")]
    [InlineData("repeat_penalty")]
    public async Task EveryField_ReachesThePlan(string repetition)
    {
        var plans = new List<StepPlan>();
        await using var server = await TestServer.StartAsync(new() { BeforeStep = plans.Add });
        using var response = await server.PostAsync(
            "/v1/completions",
            $$$"""
            {"model":"fake/model-1","prompt":"x","max_tokens":2,"seed":5,"temperature":0.5,"top_k":9,"top_p":0.75,"min_p":0.125,
            "typical_p":0.625,"{{{repetition}}}":1.5,"presence_penalty":-1.5,"frequency_penalty":2,"logit_bias":{"9":100,"3":-0.5}}
            """);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var sampling = plans[0].Slices[0].Sampling;
        Assert.Equal([new(3, -0.5), new(9, 100)], sampling.LogitBias);
        var expected = new SamplingParameters
        {
            Seed = 5,
            Temperature = 0.5,
            TopK = 9,
            TopP = 0.75,
            MinP = 0.125,
            TypicalP = 0.625,
            RepetitionPenalty = 1.5,
            PresencePenalty = -1.5,
            FrequencyPenalty = 2,
            LogitBias = sampling.LogitBias,
        };
        Assert.Equal(expected, sampling);
        Assert.Equal([0, 1], plans.Select(plan => plan.Slices[0].History!.Value.Generated.Length));
    }

    [Fact]
    public async Task WhatIsLeftOutOrNull_IsOff()
    {
        var plans = new List<StepPlan>();
        await using var server = await TestServer.StartAsync(new() { BeforeStep = plans.Add });
        using var response = await server.PostAsync(
            "/v1/completions",
            """{"model":"fake/model-1","prompt":"x","max_tokens":1,"seed":5,"min_p":null,"logit_bias":null,"repeat_penalty":null}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new SamplingParameters { Seed = 5 }, plans[0].Slices[0].Sampling);
        Assert.Null(plans[0].Slices[0].History);
    }

    [Fact]
    public async Task MoreBiasedTokensThanTheLimit_AreRefused()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var (count, status) in new[] { (1024, HttpStatusCode.BadRequest), (1025, HttpStatusCode.BadRequest) })
        {
            var bias = string.Join(",", Enumerable.Range(0, count).Select(token => $"\"{token}\":1"));
            using var response = await server.PostAsync(
                "/v1/completions", """{"model":"fake/model-1","prompt":"x","max_tokens":1,"logit_bias":{""" + bias + "}}");
            Assert.Equal(status, response.StatusCode);
            var message = (await OpenAiErrors.ReadAsync(response)).GetProperty("message").GetString();

            // The fake vocabulary is smaller than the limit: the first request fails at an id, the second by its length.
            Assert.Contains(count == 1024 ? "ids end at" : "at most 1024 tokens; it has 1025", message, StringComparison.Ordinal);
        }
    }
}
