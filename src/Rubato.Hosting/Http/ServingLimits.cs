using System.ComponentModel.DataAnnotations;

namespace Rubato.Hosting.Http;

/// <summary>Bounds on what clients may ask of the HTTP server. What the scheduler can hold is bounded by its own options.</summary>
public sealed class ServingLimits
{
    /// <summary>Longest request body in bytes. Range 1,024…67,108,864; default 1,048,576.</summary>
    [Range(1024, 1 << 26)]
    public int RequestBodyBytesMax { get; set; } = 1 << 20;

    /// <summary>Most generation requests in work at once; one more gets 429. Range 1…65,536; default 512.</summary>
    [Range(1, 1 << 16)]
    public int ConcurrentRequestsMax { get; set; } = 512;

    /// <summary>Most open connections; one more is closed at once. Range 1…65,536; default 1,024.</summary>
    [Range(1, 1 << 16)]
    public int ConnectionsMax { get; set; } = 1024;

    /// <summary>Largest <c>n</c>. Range 1…128; default 16.</summary>
    [Range(1, 128)]
    public int ChoicesMax { get; set; } = 16;

    /// <summary>Most prompts in one completion request. Range 1…1,024; default 64.</summary>
    [Range(1, 1024)]
    public int PromptsMax { get; set; } = 64;

    /// <summary>Most inputs in one embeddings request. Range 1…65,536; default 2,048.</summary>
    [Range(1, 1 << 16)]
    public int EmbeddingInputsMax { get; set; } = 2048;

    /// <summary>Most messages in one chat request. Range 1…65,536; default 1,024.</summary>
    [Range(1, 1 << 16)]
    public int MessagesMax { get; set; } = 1024;

    /// <summary>What a full queue answers in Retry-After, in seconds. Range 1…3,600; default 1.</summary>
    [Range(1, 3600)]
    public int RetryAfterSeconds { get; set; } = 1;

    /// <summary>A stream that has nothing to say sends a comment this often, in seconds. Range 0.1…15; default 10.</summary>
    [Range(0.1, 15.0)]
    public double PingSeconds { get; set; } = 10;

    /// <summary>The request line and headers must arrive within this many seconds. Range 1…600; default 10.</summary>
    [Range(1.0, 600.0)]
    public double RequestHeadersSeconds { get; set; } = 10;

    /// <summary>Slowest request body and slowest reader of a response, in bytes per second. Range 1…1,048,576; default 240.</summary>
    [Range(1.0, 1048576.0)]
    public double DataRateMin { get; set; } = 240;

    /// <summary>How long a transfer may stay below <see cref="DataRateMin"/>, in seconds. Range 1.1…600; default 5.</summary>
    [Range(1.1, 600.0)]
    public double DataRateGraceSeconds { get; set; } = 5;

    /// <summary>A stream whose reader takes nothing for this many seconds is broken off. Range 1…3,600; default 30.</summary>
    [Range(1.0, 3600.0)]
    public double ReaderStallSeconds { get; set; } = 30;
}
