using System.Net;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.OpenAi;

/// <summary>Each bad request gets a 400 that names the field.</summary>
public sealed class ErrorTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";

    [Theory]
    [InlineData(Messages, "model", "missing_required_parameter")]
    [InlineData("\"model\":1," + Messages, "model", "invalid_type")]
    [InlineData("\"model\":\"fake/model-1\"", "messages", "missing_required_parameter")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[]", "messages", "invalid_value")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":{}", "messages", "invalid_type")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[3]", "messages[0]", "invalid_type")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[{\"role\":\"user\"}]", "messages[0].content", "missing_required_parameter")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[{\"role\":\"wizard\",\"content\":\"x\"}]", "messages[0].role", "invalid_value")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[{\"role\":\"user\",\"content\":[]}]", "messages[0].content", "invalid_value")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}]", "messages[0].content[0].type", "unsupported_parameter")]
    [InlineData("\"model\":\"fake/model-1\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]", "messages[0].content", "invalid_value")]
    [InlineData("\"max_tokens\":0", "max_tokens", "invalid_value")]
    [InlineData("\"max_completion_tokens\":-3", "max_completion_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":1.5", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":1e999", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":123456789012345678901234567890", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":5000", "max_completion_tokens", "context_length_exceeded")]
    [InlineData("\"temperature\":\"hot\"", "temperature", "invalid_type")]
    [InlineData("\"temperature\":2.1", "temperature", "invalid_value")]
    [InlineData("\"temperature\":1e999", "temperature", "invalid_value")]
    [InlineData("\"top_p\":0", "top_p", "invalid_value")]
    [InlineData("\"top_k\":-2", "top_k", "invalid_value")]
    [InlineData("\"n\":0", "n", "invalid_value")]
    [InlineData("\"n\":17", "n", "invalid_value")]
    [InlineData("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "stop", "invalid_value")]
    [InlineData("\"stop\":\"\"", "stop", "invalid_value")]
    [InlineData("\"stop\":[1]", "stop[0]", "invalid_type")]
    [InlineData("\"seed\":\"7\"", "seed", "invalid_type")]
    [InlineData("\"stream\":\"yes\"", "stream", "invalid_type")]
    [InlineData("\"stream_options\":{\"include_usage\":true}", "stream_options", "invalid_value")]
    [InlineData("\"top_logprobs\":3", "top_logprobs", "invalid_value")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs", "invalid_value")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "missing_required_parameter")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "missing_required_parameter")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities", "unsupported_parameter")]
    [InlineData("\"frequency_penalty\":2.5", "frequency_penalty", "invalid_value")]
    [InlineData("\"presence_penalty\":-2.01", "presence_penalty", "invalid_value")]
    [InlineData("\"presence_penalty\":\"much\"", "presence_penalty", "invalid_type")]
    [InlineData("\"cache_salt\":5", "cache_salt", "invalid_type")]
    [InlineData("\"min_p\":1.01", "min_p", "invalid_value")]
    [InlineData("\"typical_p\":0", "typical_p", "invalid_value")]
    [InlineData("\"repetition_penalty\":0", "repetition_penalty", "invalid_value")]
    [InlineData("\"repeat_penalty\":101", "repeat_penalty", "invalid_value")]
    [InlineData("\"repetition_penalty\":1.1,\"repeat_penalty\":1.2", "repeat_penalty", "invalid_value")]
    [InlineData("\"logit_bias\":[5]", "logit_bias", "invalid_type")]
    [InlineData("\"logit_bias\":{\"5\":100.5}", "logit_bias.5", "invalid_value")]
    [InlineData("\"logit_bias\":{\"5\":\"1\"}", "logit_bias.5", "invalid_type")]
    [InlineData("\"logit_bias\":{\"05\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"logit_bias\":{\"-5\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"logit_bias\":{\"the\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"logit_bias\":{\"99999999999\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"logit_bias\":{\"1000000\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"echo\":true", "echo", "unsupported_parameter")]
    [InlineData("\"best_of\":2", "best_of", "unsupported_parameter")]
    [InlineData("\"suffix\":\"end\"", "suffix", "unsupported_parameter")]
    public async Task BadField_IsNamed(string fields, string param, string code)
    {
        await using var server = await TestServer.StartAsync();
        var whole = fields.Contains("model", StringComparison.Ordinal) || fields == Messages ? fields : $"\"model\":\"fake/model-1\",{Messages},{fields}";
        using var response = await server.PostAsync("/v1/chat/completions", "{" + whole + "}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await OpenAiErrors.ReadAsync(response);
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task MoreChoicesTimesPromptsThanAnIdleServerHolds_AreRefused()
    {
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { RunningMax = 2, WaitingMax = 2 } });
        foreach (var (prompts, choices, status) in new[] { (1, 5, 400), (3, 2, 400), (5, 1, 400), (2, 2, 200), (4, 1, 200) })
        {
            var prompt = string.Join(",", Enumerable.Repeat("\"abc\"", prompts));
            using var response = await server.PostAsync(
                "/v1/completions", $$"""{"model":"fake/model-1","prompt":[{{prompt}}],"n":{{choices}},"max_tokens":2}""");
            Assert.Equal(status, (int)response.StatusCode);
            if (status == 400)
            {
                var error = await OpenAiErrors.ReadAsync(response);
                Assert.Equal("n", error.GetProperty("param").GetString());
                Assert.Contains($"is {prompts * choices}; at most 4", error.GetProperty("message").GetString(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"model\":\"fake/model-1\"")]
    [InlineData("{\"model\":\"a\",\"model\":\"b\"}")]
    [InlineData("{/* comment */}")]
    [InlineData("{\"a\":NaN}")]
    public async Task BrokenJson_IsA400(string body)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync("/v1/chat/completions", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_json", (await OpenAiErrors.ReadAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task UnknownModel_Is404()
    {
        await using var server = await TestServer.StartAsync();
        using var chat = await server.PostAsync("/v1/chat/completions", "{\"model\":\"gpt-x\"," + Messages + "}");
        Assert.Equal(HttpStatusCode.NotFound, chat.StatusCode);
        Assert.Equal("model_not_found", (await OpenAiErrors.ReadAsync(chat)).GetProperty("code").GetString());
        using var get = await server.Client.GetAsync("/v1/models/gpt-x");
        Assert.Equal("model_not_found", (await OpenAiErrors.ReadAsync(get)).GetProperty("code").GetString());
        using var known = await server.Client.GetAsync("/v1/models/fake/model-1");
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }

    [Fact]
    public async Task UnknownFields_AreTaken()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.PostAsync(
            "/v1/chat/completions",
            "{\"model\":\"fake/model-1\",\"max_tokens\":1,\"made_up\":{\"x\":[1,{}]},\"store\":true,\"metadata\":{\"a\":\"b\"}," + Messages + "}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task LongBody_Is413_WithOrWithoutItsLength()
    {
        await using var server = await TestServer.StartAsync(null, options => options.Serving.Http.Limits.RequestBodyBytesMax = 2000);
        foreach (var (length, chunked) in new[] { (2001, false), (2001, true), (30_000, false), (30_000, true) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = TestServer.Json(new string(' ', length)) };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            await OpenAiErrors.ReadAsync(response);
        }
    }

    [Fact]
    public async Task OverlongPrompt_IsRefused_BeforeItIsTokenized()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var length in new[] { 5_000, 900_000 })
        {
            using var response = await server.PostAsync("/v1/completions", $$"""{"model":"fake/model-1","prompt":"{{new string('x', length)}}"}""");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal("context_length_exceeded", (await OpenAiErrors.ReadAsync(response)).GetProperty("code").GetString());
        }
    }
}
