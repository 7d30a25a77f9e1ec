using System.Net.ServerSentEvents;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>What one streamed answer showed.</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Error">Why it failed; null when it is complete.</param>
/// <param name="OutputTokens">As the server counts them; without a count, pieces of text.</param>
/// <param name="FirstTokenSeconds">From sending to the first piece of text; null when none came.</param>
/// <param name="GapSeconds">Between pieces of text.</param>
internal sealed record StreamMeasurement(
    string Client, string? Error, long OutputTokens, double? FirstTokenSeconds, IReadOnlyList<double> GapSeconds)
{
    /// <summary>Tokens of the prompt, as the server counts them; 0 without a count.</summary>
    public long PromptTokens { get; init; }

    /// <summary>How many of them the server had in a cache; 0 when it does not tell.</summary>
    public long CachedTokens { get; init; }

    public static StreamMeasurement Failed(string client, string error) => new(client, error, 0, null, []);

    /// <summary>Reads a stream of any OpenAI-compatible server to its end.</summary>
    /// <param name="client">Who asked.</param>
    /// <param name="body">The response.</param>
    /// <param name="elapsedSeconds">Seconds since the request was sent.</param>
    /// <param name="cancellationToken">Breaks off.</param>
    public static async Task<StreamMeasurement> ReadAsync(
        string client, Stream body, Func<double> elapsedSeconds, CancellationToken cancellationToken)
    {
        var gaps = new List<double>();
        double? first = null;
        double last = 0;
        long? counted = null;
        var (promptTokens, cachedTokens) = (0L, 0L);
        var ended = false;
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data == "[DONE]")
            {
                var pieces = first is null ? 0 : gaps.Count + 1;
                if ((counted ?? pieces) == 0 && !ended)
                {
                    return Failed(client, "the stream held neither text nor a finish reason");
                }

                return new StreamMeasurement(client, null, counted ?? pieces, first, gaps) { PromptTokens = promptTokens, CachedTokens = cachedTokens };
            }

            var chunk = StreamChunk.Parse(item.Data);
            if (chunk.Error is not null)
            {
                return Failed(client, chunk.Error);
            }

            counted = chunk.OutputTokens ?? counted;
            promptTokens = chunk.PromptTokens ?? promptTokens;
            cachedTokens = chunk.CachedTokens ?? cachedTokens;
            ended |= chunk.Ended;
            if (chunk.HasText)
            {
                var now = elapsedSeconds();
                if (first is null)
                {
                    first = now;
                }
                else
                {
                    gaps.Add(now - last);
                }

                last = now;
            }
        }

        return Failed(client, ended ? "the stream ended without [DONE]" : "the stream broke off");
    }
}
