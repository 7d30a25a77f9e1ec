using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Hosting.OpenAi.Responses;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.OpenAi;

/// <summary>POST /v1/responses: a conversation answered with a message or calls of functions. Nothing is stored.</summary>
internal sealed class ResponsesEndpoint(IModelDirectory models, RequestSlots slots, ResponseIds ids, ServingHttpOptions options, TimeProvider time)
{
    public async Task CreateAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        ResponsesRequest request;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            request = ResponsesRequest.Read(body.RootElement, options.Limits);
        }

        var model = await models.FindAsync(request.Fields.Model, context.RequestAborted).ConfigureAwait(false);
        model.Prompts.CheckLogitBias(request.Fields.Drawing.LogitBias, "logit_bias");
        var form = OutputForm.Of(request.Output, model.Engine.Model, request.Fields.IgnoresEndOfText);
        var tokens = model.Chats.Encode(request.Messages, "input", request.Output.Tools);
        var caller = ClientIdentity.Of(context, request.Fields.User);
        var submission = await model.Engine.SubmitAsync(
            new GenerationRequest
            {
                Operation = GenerationOperation.Chat,
                Client = caller.Client,
                User = caller.User,
                Priority = request.Fields.Urgency.Priority,
                PromptTokens = tokens,
                OutputTokensMax = model.Prompts.OutputTokens(tokens.Length, request.OutputTokensMax, "max_output_tokens"),
                Sampling = request.Fields.Sampling(0, request.Fields.Seed is { } seed ? unchecked((ulong)seed) : ids.NewSeed(), null),
                CacheSalt = caller.Salt(request.Fields.CacheSalt),
                StopTexts = request.Fields.StopTexts,
                Grammar = form.Grammar,
                SpelledTokens = form.Markers,
                IgnoresEndOfText = request.Fields.IgnoresEndOfText,
            },
            context.RequestAborted).ConfigureAwait(false);
        using var generation = submission.Generation
            ?? throw new OpenAiException(OpenAiError.ForOutcome(submission.Outcome, models, model.Engine.Model.Name, options.Limits.RetryAfterSeconds, "input"));
        var output = new ResponseOutput(form, ids);
        var response = new ResponseObject(request, model.Engine.Model.Name, ids, time.GetUtcNow().ToUnixTimeSeconds(), tokens.Length, output);
        if (request.Fields.Streams)
        {
            await new ResponseEvents(context, generation, response, options.Limits, time).RunAsync().ConfigureAwait(false);
            return;
        }

        await foreach (var next in generation.WithCancellation(context.RequestAborted).ConfigureAwait(false))
        {
            _ = output.Add(next);
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, WholeResponse.JsonOptions);
        response.Write(json, withOutput: true);
    }

    /// <summary>Everything below /v1/responses/{id} wants a response that was stored.</summary>
    public Task FindAsync(HttpContext context) => throw new OpenAiException(OpenAiError.NotStored());
}
