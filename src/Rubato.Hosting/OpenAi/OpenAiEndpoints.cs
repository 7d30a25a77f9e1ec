using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Hosting.OpenAi.Responses;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.OpenAi;

/// <summary>POST /v1/completions and /v1/chat/completions: read, admit, answer.</summary>
internal sealed class OpenAiEndpoints(IModelDirectory models, RequestSlots slots, ResponseIds ids, ServingHttpOptions options, TimeProvider time)
{
    public async Task CompleteAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        CompletionRequest request;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            request = CompletionRequest.Read(body.RootElement, options.Limits);
        }

        var model = await models.FindAsync(request.Fields.Model, context.RequestAborted).ConfigureAwait(false);
        model.Prompts.CheckLogitBias(request.Fields.Drawing.LogitBias, "logit_bias");
        CheckSequences(model, (long)request.Prompts.Length * request.Fields.Choices);
        var form = OutputForm.Of(request.Output, model.Engine.Model, request.Fields.IgnoresEndOfText);
        var seed = SeedOf(request.Fields);
        var sequences = ImmutableArray.CreateBuilder<GenerationRequest>();
        var promptTokens = 0;
        foreach (var prompt in request.Prompts)
        {
            var tokens = model.Prompts.Encode(prompt);
            promptTokens += tokens.Length;
            var outputTokens = model.Prompts.OutputTokens(tokens.Length, request.OutputTokensMax, "max_tokens");
            AddChoices(sequences, context, request.Fields, GenerationOperation.TextCompletion, tokens, outputTokens, seed, request.LogProbabilityCount, form);
        }

        var shape = new TextShape(WriterOf(model, request.LogProbabilityCount));
        await AnswerAsync(context, model, request.Fields, sequences.DrainToImmutable(), shape, promptTokens, "cmpl", "prompt").ConfigureAwait(false);
    }

    public async Task ChatAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        ChatRequest request;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            request = ChatRequest.Read(body.RootElement, options.Limits);
        }

        var model = await models.FindAsync(request.Fields.Model, context.RequestAborted).ConfigureAwait(false);
        model.Prompts.CheckLogitBias(request.Fields.Drawing.LogitBias, "logit_bias");
        CheckSequences(model, request.Fields.Choices);
        var form = OutputForm.Of(request.Output, model.Engine.Model, request.Fields.IgnoresEndOfText);
        var tokens = model.Chats.Encode(request.Messages, tools: request.Output.Tools);
        var outputTokens = model.Prompts.OutputTokens(tokens.Length, request.OutputTokensMax, "max_completion_tokens");
        var sequences = ImmutableArray.CreateBuilder<GenerationRequest>();
        var seed = SeedOf(request.Fields);
        AddChoices(sequences, context, request.Fields, GenerationOperation.Chat, tokens, outputTokens, seed, request.LogProbabilityCount, form);
        var shape = new ChatShape(WriterOf(model, request.LogProbabilityCount), form, ids);
        await AnswerAsync(context, model, request.Fields, sequences.DrainToImmutable(), shape, tokens.Length, "chatcmpl", "messages").ConfigureAwait(false);
    }

    private async Task AnswerAsync(
        HttpContext context,
        ModelService model,
        GenerationFields fields,
        ImmutableArray<GenerationRequest> sequences,
        IResponseShape shape,
        int promptTokens,
        string idPrefix,
        string promptParam)
    {
        var submission = await model.Engine.SubmitAsync(sequences, context.RequestAborted).ConfigureAwait(false);
        if (submission.Generation is not { } generation)
        {
            throw new OpenAiException(OpenAiError.ForOutcome(submission.Outcome, models, model.Engine.Model.Name, options.Limits.RetryAfterSeconds, promptParam));
        }

        using var generationOwner = generation;
        var head = new ResponseHead(ids.NewId(idPrefix), time.GetUtcNow().ToUnixTimeSeconds(), model.Engine.Model.Name, fields.Urgency.Tier);
        var accepted = new AcceptedGeneration(generation, head, shape, new Usage(promptTokens, fields.Choices), fields.IncludesUsage);
        if (fields.Streams)
        {
            await new StreamedResponse(context, accepted, options.Limits, time).RunAsync().ConfigureAwait(false);
        }
        else
        {
            await WholeResponse.WriteAsync(context, accepted).ConfigureAwait(false);
        }
    }

    private static void AddChoices(
        ImmutableArray<GenerationRequest>.Builder sequences,
        HttpContext context,
        GenerationFields fields,
        GenerationOperation operation,
        ImmutableArray<int> tokens,
        int outputTokens,
        ulong seed,
        int? logProbabilityCount,
        OutputForm form)
    {
        var caller = ClientIdentity.Of(context, fields.User);
        for (var i = 0; i < fields.Choices; i++)
        {
            sequences.Add(new GenerationRequest
            {
                Operation = operation,
                Client = caller.Client,
                User = caller.User,
                Priority = fields.Urgency.Priority,
                PromptTokens = tokens,
                OutputTokensMax = outputTokens,
                Sampling = fields.Sampling(i, seed, logProbabilityCount),
                CacheSalt = caller.Salt(fields.CacheSalt),
                StopTexts = fields.StopTexts,
                Grammar = form.Grammar,
                SpelledTokens = form.Markers,
                IgnoresEndOfText = fields.IgnoresEndOfText,
            });
        }
    }

    private ulong SeedOf(GenerationFields fields) => fields.Seed is { } seed ? unchecked((ulong)seed) : ids.NewSeed();

    private LogProbabilityWriter? WriterOf(ModelService model, int? count) =>
        count is null ? null : new LogProbabilityWriter(model.Engine.Model.Tokenizer);

    private static void CheckSequences(ModelService model, long count)
    {
        var engine = model.Engine;

        // More than an idle server can hold is never a matter of waiting.
        var most = Math.Min(engine.Options.SequencesPerSubmissionMax, (long)engine.Limits.RunningMax + engine.Limits.WaitingMax);
        if (count > most)
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                $"'n' times the number of prompts is {count}; at most {most} are taken.", "n", "invalid_value"));
        }
    }
}
