using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi.Requests;

namespace Rubato.Hosting.OpenAi;

/// <summary>POST /models/load and /models/unload, as llama.cpp's router has them: <c>{"model": NAME}</c> gives <c>{"success": true}</c>.</summary>
internal sealed class ModelLifeEndpoints(IModelDirectory models, RequestSlots slots, ServingHttpOptions options)
{
    public async Task LoadAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        await models.LoadAsync(await ReadNameAsync(context).ConfigureAwait(false), context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context).ConfigureAwait(false);
    }

    public async Task UnloadAsync(HttpContext context)
    {
        using var slot = slots.Enter(options.Limits);
        await models.UnloadAsync(await ReadNameAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        await WriteAsync(context).ConfigureAwait(false);
    }

    private async Task<string> ReadNameAsync(HttpContext context)
    {
        using var body = await JsonBody.ReadAsync(context, options.Limits.RequestBodyBytesMax).ConfigureAwait(false);
        return JsonFields.Text(new JsonFields(body.RootElement).Required("model"), "model");
    }

    private static async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteBoolean("success"u8, true);
        json.WriteEndObject();
    }
}
