using System.Collections.Immutable;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>What a load test measured. Latencies are in seconds.</summary>
public sealed record LoadResult
{
    /// <summary>Requests sent.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests that failed: refused, broken off, incomplete, or too slow. Their tokens and latencies do not count.</summary>
    public required long Errors { get; init; }

    /// <summary>Tokens generated for complete requests ÷ time from the first request to the last answer.</summary>
    public required double ThroughputTokensPerSecond { get; init; }

    /// <summary>Tokens of the prompts of complete requests, as the server counts them.</summary>
    public long PromptTokens { get; init; }

    /// <summary>How many of them the server had in a cache and did not compute, as far as it tells.</summary>
    public long CachedPromptTokens { get; init; }

    /// <summary>Time from sending a request to the first token.</summary>
    public required LatencyPercentiles Ttft { get; init; }

    /// <summary>Time between two tokens of a stream.</summary>
    public required LatencyPercentiles Tbt { get; init; }

    /// <summary>The same for each client.</summary>
    public required ImmutableArray<ClientLoadResult> PerClient { get; init; }

    /// <summary>Messages of errors and how often each came, most frequent first; at most ten.</summary>
    public required ImmutableArray<LoadError> ErrorMessages { get; init; }

    /// <summary>Time from the first request to the last answer, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The model that was asked.</summary>
    public required string Model { get; init; }

    /// <summary>What was asked for.</summary>
    public required LoadOptions Settings { get; init; }
}

/// <summary>Percentiles of a latency in seconds; null without a sample.</summary>
public sealed record LatencyPercentiles(double? P50, double? P95, double? P99);

/// <summary>What one client saw.</summary>
public sealed record ClientLoadResult
{
    /// <summary>The client's name.</summary>
    public required string Client { get; init; }

    /// <inheritdoc cref="LoadResult.Requests"/>
    public required long Requests { get; init; }

    /// <inheritdoc cref="LoadResult.Errors"/>
    public required long Errors { get; init; }

    /// <inheritdoc cref="LoadResult.ThroughputTokensPerSecond"/>
    public required double ThroughputTokensPerSecond { get; init; }

    /// <inheritdoc cref="LoadResult.Ttft"/>
    public required LatencyPercentiles Ttft { get; init; }

    /// <inheritdoc cref="LoadResult.Tbt"/>
    public required LatencyPercentiles Tbt { get; init; }
}

/// <summary>A kind of error.</summary>
public sealed record LoadError(string Message, long Count);
