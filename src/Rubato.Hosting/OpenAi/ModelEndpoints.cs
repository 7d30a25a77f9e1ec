using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rubato.Hosting.Catalog;

namespace Rubato.Hosting.OpenAi;

/// <summary>GET /v1/models and /v1/models/{id}: all models, with a status as llama.cpp's router gives it.</summary>
internal sealed class ModelEndpoints(IModelDirectory models)
{
    public async Task ListAsync(HttpContext context)
    {
        var all = models.List();
        await using var json = Begin(context);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var model in all)
        {
            Write(json, model);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public async Task GetAsync(HttpContext context)
    {
        var id = context.GetRouteValue("id") as string ?? "";
        var model = models.List().FirstOrDefault(model => model.Name == id) ?? throw new OpenAiException(OpenAiError.ModelNotFound(id));
        await using var json = Begin(context);
        Write(json, model);
    }

    private static Utf8JsonWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return new Utf8JsonWriter(context.Response.BodyWriter);
    }

    private static void Write(Utf8JsonWriter json, ModelListing model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Name);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, model.CreatedUnixSeconds);
        json.WriteString("owned_by"u8, "rubato"u8);
        if (model.ContextTokens is { } context)
        {
            json.WriteNumber("max_model_len"u8, context);
        }

        if (model.Bytes is { } bytes)
        {
            json.WriteNumber("size"u8, bytes);
        }

        json.WriteStartObject("status"u8);
        json.WriteString("value"u8, NameOf(model.Status));
        if (model.Error is not null)
        {
            json.WriteString("error"u8, model.Error);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> NameOf(ModelStatus status) => status switch
    {
        ModelStatus.Unloaded => "unloaded"u8,
        ModelStatus.Loading => "loading"u8,
        ModelStatus.Loaded => "loaded"u8,
        ModelStatus.Unloading => "unloading"u8,
        _ => "failed"u8,
    };
}
