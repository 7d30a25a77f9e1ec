using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Models.Tokenizers;

namespace Rubato.Hosting.OpenAi;

/// <summary>POST /tokenize, /detokenize and /apply-template: what the model makes of a text, without running it.</summary>
/// <remarks>Requests and answers have the fields of both llama.cpp and vLLM.</remarks>
internal sealed class TokenEndpoints(IModelDirectory models, RequestSlots slots, ServingHttpOptions options)
{
    public async Task TokenizeAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        TokenizeRequest request;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            request = TokenizeRequest.Read(body.RootElement, options.Limits);
        }

        var model = await models.FindAsync(request.Model, context.RequestAborted).ConfigureAwait(false);
        var tokenizer = model.Engine.Model.Tokenizer;
        ImmutableArray<int> tokens = request.Text is { } text
            ? [.. tokenizer.Encode(text, request.AddSpecial, request.ParseSpecial)]
            : model.Chats.Tokenize(request.Messages);
        await using var json = Begin(context);
        json.WriteStartObject();
        json.WriteNumber("count"u8, tokens.Length);
        json.WriteNumber("max_model_len"u8, model.Engine.Limits.SequenceTokensMax);
        json.WriteStartArray("tokens"u8);
        foreach (var token in tokens)
        {
            if (request.WithPieces)
            {
                WritePiece(json, tokenizer, token);
            }
            else
            {
                json.WriteNumberValue(token);
            }
        }

        json.WriteEndArray();
        WriteStrings(json, request.WithStrings, tokenizer, tokens);
        json.WriteEndObject();
    }

    public async Task DetokenizeAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        Prompt prompt;
        string? name;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            var fields = new JsonFields(body.RootElement);
            name = fields.OptionalString("model");
            var tokens = fields.Required("tokens");
            prompt = tokens.ValueKind == JsonValueKind.Array && tokens.GetArrayLength() == 0 ? new Prompt(null, [], "tokens") : Prompt.OfTokens(tokens, "tokens");
        }

        var model = await models.FindAsync(name, context.RequestAborted).ConfigureAwait(false);
        model.Prompts.CheckVocabulary(prompt);
        var bytes = new List<byte>();
        foreach (var token in prompt.Tokens)
        {
            bytes.AddRange(PieceOf(model.Engine.Model.Tokenizer, token));
        }

        var text = Encoding.UTF8.GetString([.. bytes]);
        await using var json = Begin(context);
        json.WriteStartObject();
        json.WriteString("content"u8, text);
        json.WriteString("prompt"u8, text);
        json.WriteEndObject();
    }

    public async Task ApplyTemplateAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        TokenizeRequest request;
        using (var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false))
        {
            request = TokenizeRequest.ReadConversation(body.RootElement, options.Limits);
        }

        var model = await models.FindAsync(request.Model, context.RequestAborted).ConfigureAwait(false);
        var prompt = model.Chats.Render(request.Messages).Text;
        await using var json = Begin(context);
        json.WriteStartObject();
        json.WriteString("prompt"u8, prompt);
        json.WriteEndObject();
    }

    private static Utf8JsonWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return new Utf8JsonWriter(context.Response.BodyWriter, Responses.WholeResponse.JsonOptions);
    }

    /// <summary>The bytes of a token; control tokens, which are no part of a text, are spelled out.</summary>
    private static ReadOnlySpan<byte> PieceOf(ITokenizer tokenizer, int token) =>
        tokenizer.IsSpecial(token) ? Encoding.UTF8.GetBytes(tokenizer.TokenText(token)) : tokenizer.TokenBytes(token);

    private static void WritePiece(Utf8JsonWriter json, ITokenizer tokenizer, int token)
    {
        var bytes = PieceOf(tokenizer, token);
        json.WriteStartObject();
        json.WriteNumber("id"u8, token);
        json.WritePropertyName("piece"u8);
        if (Utf8.IsValid(bytes))
        {
            json.WriteStringValue(bytes);
        }
        else
        {
            json.WriteStartArray();
            foreach (var unit in bytes)
            {
                json.WriteNumberValue(unit);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, bool wanted, ITokenizer tokenizer, ImmutableArray<int> tokens)
    {
        if (!wanted)
        {
            json.WriteNull("token_strs"u8);
            return;
        }

        json.WriteStartArray("token_strs"u8);
        foreach (var token in tokens)
        {
            json.WriteStringValue(tokenizer.TokenText(token));
        }

        json.WriteEndArray();
    }
}
