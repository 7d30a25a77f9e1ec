using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Hosting.Output;
using Rubato.Serving;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Rubato.Hosting.Chat;

/// <summary>The engine as an <see cref="IChatClient"/>, without HTTP in between.</summary>
/// <remarks>
/// Answers in JSON where the response format asks for it, and calls functions: arguments always satisfy the function's schema.
/// Takes temperature, top-p, top-k, presence and frequency penalty, seed, stop sequences and the output limit from the options; as
/// additional properties <c>min_p</c>, <c>typical_p</c>, <c>repetition_penalty</c>, <c>logit_bias</c> (a dictionary from token id to
/// number), who asks as <c>client</c> and, of that client, <c>user</c> (the units of fairness), <c>priority</c> (lower is earlier,
/// −1,000…1,000, under policies that look at it), and <c>cache_salt</c> (<see cref="Request.CacheSalt"/>). Options that would change the answer in
/// ways the engine does not implement are refused with <see cref="NotSupportedException"/>. A failure midway raises
/// <see cref="GenerationFailedException"/>; cancelling the token, or leaving the enumeration, cancels the request.
/// </remarks>
public sealed class RubatoChatClient : IChatClient
{
    private const string ClientProperty = "client";
    private const string UserProperty = "user";
    private const string CacheSaltProperty = "cache_salt";

    private readonly ServingEngine _engine;
    private readonly PromptEncoder _prompts;
    private readonly ChatPromptEncoder _chats;
    private readonly ResponseIds _ids = new();

    /// <summary>A client of <paramref name="engine"/>, which stays the caller's.</summary>
    public RubatoChatClient(ServingEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _prompts = new PromptEncoder(engine.Model, engine.Limits);
        _chats = new ChatPromptEncoder(engine.Model, _prompts);
    }

    /// <inheritdoc/>
    /// <exception cref="RubatoException">The engine refuses the request or fails while it generates.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="RubatoException">The engine refuses the request or fails while it generates.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (request, form) = ToRequest(messages, options);
        var submission = await _engine.SubmitAsync(request, cancellationToken).ConfigureAwait(false);
        if (submission.Generation is not { } generation)
        {
            throw new RequestRefusedException(submission.Outcome);
        }

        var id = _ids.NewId("chat");
        var calls = form.NewReader() is { } reader ? new ChatToolCalls(reader, _ids) : null;
        await foreach (var next in generation.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var content in calls?.Read(next) ?? (next.Text.Length > 0 ? [new TextContent(next.Text)] : []))
            {
                yield return Update(id, content);
            }

            if (next.End is { } end)
            {
                yield return End(id, end, calls?.HasCalls == true);
            }
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("rubato", null, _engine.Model.Name)
            : serviceType == typeof(ServingEngine) ? _engine
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the engine belongs to whoever made it.</summary>
    public void Dispose()
    {
    }

    private (GenerationRequest Request, OutputForm Form) ToRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        try
        {
            ChatOptionsSupport.Check(options, _engine.Model.Name);
            var wanted = ChatOutput.Read(options);
            var form = OutputForm.Of(wanted, _engine.Model);
            var tokens = _chats.Encode(ChatMessages.Convert(messages, options?.Instructions), tools: wanted.Tools);
            var request = new GenerationRequest
            {
                Operation = GenerationOperation.Chat,
                Client = UserName.Check(Property(options, ClientProperty), ClientProperty),
                User = UserName.Check(Property(options, UserProperty), UserProperty),
                Priority = ChatSampling.Priority(options),
                CacheSalt = Property(options, CacheSaltProperty),
                PromptTokens = tokens,
                OutputTokensMax = _prompts.OutputTokens(tokens.Length, options?.MaxOutputTokens, nameof(ChatOptions.MaxOutputTokens)),
                Sampling = Sampling(options),
                StopTexts = options?.StopSequences is { } stops ? [.. stops] : ImmutableArray<string>.Empty,
                Grammar = form.Grammar,
                SpelledTokens = form.Markers,
            };
            return (request, form);
        }
        catch (OpenAiException refusal)
        {
            throw new InvalidOptionException(refusal.Message);
        }
    }

    private static string Property(ChatOptions? options, string name) =>
        options?.AdditionalProperties?.TryGetValue(name, out var value) == true ? value as string ?? "" : "";

    private SamplingParameters Sampling(ChatOptions? options)
    {
        var sampling = ChatSampling.Read(options, options?.Seed is { } seed ? unchecked((ulong)seed) : _ids.NewSeed());
        _prompts.CheckLogitBias(sampling.LogitBias, "logit_bias");
        return sampling;
    }

    private ChatResponseUpdate End(string id, GenerationEnd end, bool hasCalls)
    {
        var update = Update(id, new UsageContent(new UsageDetails
        {
            InputTokenCount = end.PromptTokens,
            CachedInputTokenCount = end.CachedTokens,
            OutputTokenCount = end.OutputTokens,
            TotalTokenCount = (long)end.PromptTokens + end.OutputTokens,
        }));
        update.FinishReason = end.Reason == FinishReason.Length ? ChatFinishReason.Length
            : hasCalls ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;
        return update;
    }

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content])
    {
        ResponseId = id,
        MessageId = id,
        ModelId = _engine.Model.Name,
        CreatedAt = _engine.Time.GetUtcNow(),
    };
}
