using System.Globalization;
using System.Net;
using System.Text.Json;
using Rubato.Core;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>Asks a server which model it serves.</summary>
internal static class ModelLookup
{
    /// <summary>The first model of <c>models</c> under the client's base address.</summary>
    /// <param name="http">A client of the server.</param>
    /// <param name="limit">How long the server may take.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="cancellationToken">Breaks off.</param>
    /// <exception cref="RubatoException">The server does not answer in time, refuses the key, or names no model.</exception>
    public static async Task<string> FirstAsync(HttpClient http, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync("models", either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? FirstOf(http, body) : throw Refusal(http, response.StatusCode, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RubatoException(string.Create(
                CultureInfo.InvariantCulture,
                $"The server at {http.BaseAddress} names no model within {limit.TotalSeconds:0.###} s; give one with --model."));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new RubatoException($"The server at {http.BaseAddress} does not answer: {error.Message}", error);
        }
    }

    private static RubatoException Refusal(HttpClient http, HttpStatusCode status, string body)
    {
        var message = ServerErrors.Message((int)status, body);
        return new(status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? http.DefaultRequestHeaders.Authorization is null
                ? $"The server at {http.BaseAddress} wants a key; give --api-key ({message})."
                : $"The server at {http.BaseAddress} refused the key; give another with --api-key ({message})."
            : $"The server at {http.BaseAddress} does not list its models ({message}); give one with --model.");
    }

    private static string FirstOf(HttpClient http, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.GetProperty("data")[0].GetProperty("id").GetString()!;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new RubatoException($"The server at {http.BaseAddress} names no model; give one with --model.", error);
        }
    }
}
