using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;
using Rubato.Models.Chat;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The body of POST /tokenize: a text, as llama.cpp (content) or vLLM (prompt) names it, or a conversation.</summary>
internal sealed record TokenizeRequest
{
    private static readonly string[] Texts = ["content", "prompt", "messages"];

    /// <summary>Null takes the first model.</summary>
    public required string? Model { get; init; }

    /// <summary>Null when there are messages.</summary>
    public string? Text { get; init; }

    public ImmutableArray<ChatMessage> Messages { get; init; } = [];

    /// <summary>Begin with the begin-of-text token where the model wants it. By default content does not, prompt does.</summary>
    public bool AddSpecial { get; init; }

    /// <summary>Take the spelling of a control token for the token.</summary>
    public bool ParseSpecial { get; init; }

    /// <summary>Tokens as objects with id and piece.</summary>
    public bool WithPieces { get; init; }

    /// <summary>Also the vocabulary's spelling of each token.</summary>
    public bool WithStrings { get; init; }

    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static TokenizeRequest Read(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        var given = Texts.Where(name => fields.Optional(name) is not null).ToArray();
        if (given.Length != 1)
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                given.Length == 0 ? "One of 'content', 'prompt' and 'messages' is required." : $"'{given[0]}' and '{given[1]}' exclude each other.",
                given.Length == 0 ? "content" : given[1],
                given.Length == 0 ? "missing_required_parameter" : "invalid_value"));
        }

        return new TokenizeRequest
        {
            Model = fields.OptionalString("model"),
            Text = given[0] == "messages" ? null : fields.OptionalString(given[0]),
            Messages = given[0] == "messages" ? ChatRequest.ReadMessages(fields, limits) : [],
            AddSpecial = Flag(fields, "add_special") ?? Flag(fields, "add_special_tokens") ?? given[0] == "prompt",
            ParseSpecial = Flag(fields, "parse_special") ?? true,
            WithPieces = fields.OptionalBoolean("with_pieces"),
            WithStrings = fields.OptionalBoolean("return_token_strs"),
        };
    }

    /// <summary>Reads the body of POST /apply-template, which is a conversation only.</summary>
    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static TokenizeRequest ReadConversation(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        return new TokenizeRequest { Model = fields.OptionalString("model"), Messages = ChatRequest.ReadMessages(fields, limits) };
    }

    private static bool? Flag(JsonFields fields, string name) => fields.Optional(name) is null ? null : fields.OptionalBoolean(name);
}
