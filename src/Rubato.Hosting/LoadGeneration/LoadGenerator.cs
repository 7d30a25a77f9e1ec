using System.Net.Http.Headers;
using Rubato.Core;
using Rubato.Hosting.Configuration;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>Puts load on an OpenAI-compatible server (Rubato, llama-server, vLLM, …) and measures what its clients see.</summary>
public sealed class LoadGenerator
{
    private const double LookupSecondsMax = 30;

    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly IProgress<long>? _progress;
    private long _done;

    /// <summary>A generator of the load that the options describe.</summary>
    /// <param name="options">The load.</param>
    /// <param name="progress">Told the number of requests that have ended.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidOptionException">The options break a rule.</exception>
    public LoadGenerator(LoadOptions options, IProgress<long>? progress = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);
        _options = options;
        _progress = progress;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Sends all requests and waits for their ends.</summary>
    /// <exception cref="RubatoException">No model was named and the server does not name one, within 30 s or the limit of a request.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken = default)
    {
        using var http = CreateClient();
        var model = _options.Model ?? await FindModelAsync(http, cancellationToken).ConfigureAwait(false);
        var start = _time.GetTimestamp();
        var measurements = _options.RatePerSecond is { } rate
            ? await RunOpenLoopAsync(http, model, rate, cancellationToken).ConfigureAwait(false)
            : await RunClosedLoopAsync(http, model, cancellationToken).ConfigureAwait(false);
        return LoadSummary.Of(_options, model, measurements, _time.GetElapsedTime(start).TotalSeconds);
    }

    private static void Validate(LoadOptions options)
    {
        var errors = OptionRanges.FindErrors(options).ToList();
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            errors.Add($"Url is '{options.Url}': write it like http://127.0.0.1:8080.");
        }

        if (options.PromptWordsMax < options.PromptWordsMin)
        {
            errors.Add($"PromptWordsMax is {options.PromptWordsMax}, below PromptWordsMin ({options.PromptWordsMin}): raise it.");
        }

        if (errors.Count > 0)
        {
            throw new InvalidOptionException(string.Join(" ", errors));
        }
    }

    private async Task<IReadOnlyList<StreamMeasurement>> RunClosedLoopAsync(HttpClient http, string model, CancellationToken cancellationToken)
    {
        var clients = Enumerable.Range(0, Math.Min(_options.Clients, _options.Requests)).Select(async client =>
        {
            var own = new List<StreamMeasurement>();
            for (var number = client; number < _options.Requests; number += _options.Clients)
            {
                own.Add(await SendAsync(http, LoadRequest.Make(_options, model, number), cancellationToken).ConfigureAwait(false));
            }

            return own;
        });
        var all = await Task.WhenAll(clients).ConfigureAwait(false);
        return [.. all.SelectMany(own => own)];
    }

    private async Task<IReadOnlyList<StreamMeasurement>> RunOpenLoopAsync(
        HttpClient http, string model, double ratePerSecond, CancellationToken cancellationToken)
    {
        var arrivals = new Prng(_options.Seed).Split("arrivals");
        var start = _time.GetTimestamp();
        var due = 0.0;
        var sent = new List<Task<StreamMeasurement>>();
        for (var number = 0; number < _options.Requests; number++)
        {
            var wait = TimeSpan.FromSeconds(due) - _time.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            }

            sent.Add(SendAsync(http, LoadRequest.Make(_options, model, number), cancellationToken));
            due += arrivals.NextExponential(ratePerSecond);
        }

        return await Task.WhenAll(sent).ConfigureAwait(false);
    }

    private async Task<StreamMeasurement> SendAsync(HttpClient http, LoadRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_options.RequestSecondsMax), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        StreamMeasurement measurement;
        try
        {
            measurement = await MeasureAsync(http, request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            measurement = StreamMeasurement.Failed(request.Client, $"no complete answer within {_options.RequestSecondsMax} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            measurement = StreamMeasurement.Failed(request.Client, error.Message);
        }

        _progress?.Report(Interlocked.Increment(ref _done));
        return measurement;
    }

    private async Task<StreamMeasurement> MeasureAsync(HttpClient http, LoadRequest request, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        using var content = new ByteArrayContent(request.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var path = _options.UsesCompletions ? "completions" : "chat/completions";
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return StreamMeasurement.Failed(request.Client, ServerErrors.Message((int)response.StatusCode, body));
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return await StreamMeasurement.ReadAsync(
            request.Client, stream, () => _time.GetElapsedTime(start).TotalSeconds, cancellationToken).ConfigureAwait(false);
    }

    private Task<string> FindModelAsync(HttpClient http, CancellationToken cancellationToken) => ModelLookup.FirstAsync(
        http, TimeSpan.FromSeconds(Math.Min(_options.RequestSecondsMax, LookupSecondsMax)), _time, cancellationToken);

    private HttpClient CreateClient()
    {
        var root = _options.Url.TrimEnd('/');

        // A connection of its own for every request: some servers close a used one just when the next request is on its way.
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            MaxConnectionsPerServer = int.MaxValue,
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        var http = new HttpClient(handler)
        {
            BaseAddress = new Uri(root.EndsWith("/v1", StringComparison.Ordinal) ? root + "/" : root + "/v1/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (_options.ApiKey is { } key)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return http;
    }
}
