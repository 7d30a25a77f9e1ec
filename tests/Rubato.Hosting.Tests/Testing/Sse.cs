using System.Text;
using System.Text.Json;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>Reads a stream of server-sent events line by line.</summary>
internal sealed class Sse(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream, Encoding.UTF8);

    public static async Task<Sse> OpenAsync(HttpResponseMessage response)
    {
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new Sse(await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next line that is not empty; null at the end.</summary>
    public async Task<string?> LineAsync()
    {
        while (true)
        {
            var line = await Wait.AtMost(_reader.ReadLineAsync());
            if (line is null || line.Length > 0)
            {
                return line;
            }
        }
    }

    /// <summary>The data of all events to the end; comments are left out.</summary>
    public async Task<List<string>> DataAsync()
    {
        var data = new List<string>();
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data.Add(line["data: ".Length..]);
            }
        }

        return data;
    }

    /// <summary>The chunks before the final [DONE], which must be there.</summary>
    public async Task<List<JsonElement>> ChunksAsync()
    {
        var data = await DataAsync();
        Assert.Equal("[DONE]", data[^1]);
        return [.. data.SkipLast(1).Select(chunk => JsonDocument.Parse(chunk).RootElement)];
    }

    public void Dispose() => _reader.Dispose();
}
