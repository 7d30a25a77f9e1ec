using System.Text.Json;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>Reads errors in OpenAI's shape, strictly.</summary>
internal static class OpenAiErrors
{
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return Parse(await response.Content.ReadAsStringAsync());
    }

    public static JsonElement Parse(string body)
    {
        var root = JsonDocument.Parse(body).RootElement;
        Assert.Equal(["error"], root.EnumerateObject().Select(property => property.Name));
        var error = root.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(property => property.Name));
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()));
        Assert.Equal(JsonValueKind.String, error.GetProperty("type").ValueKind);
        return error;
    }

    public static async Task<string?> TypeAsync(HttpResponseMessage response) => (await ReadAsync(response)).GetProperty("type").GetString();
}
