using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi;

/// <summary>GET /v1/models and /v1/models/{id}.</summary>
internal sealed class ModelEndpoints(ServingEngine engine)
{
    public async Task ListAsync(HttpContext context)
    {
        await using var json = Begin(context);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        WriteModel(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public async Task GetAsync(HttpContext context)
    {
        var id = context.GetRouteValue("id") as string ?? "";
        if (id != engine.Model.Name)
        {
            throw new OpenAiException(OpenAiError.ModelNotFound(id));
        }

        await using var json = Begin(context);
        WriteModel(json);
    }

    private static Utf8JsonWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return new Utf8JsonWriter(context.Response.BodyWriter);
    }

    private void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, engine.Model.Name);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, engine.Model.CreatedUnixSeconds);
        json.WriteString("owned_by"u8, "rubato"u8);
        json.WriteNumber("max_model_len"u8, engine.Limits.SequenceTokensMax);
        json.WriteEndObject();
    }
}
