namespace Rubato.Hosting.Http;

/// <summary>Who may use the HTTP server, and how much of it.</summary>
public sealed class ServingHttpOptions
{
    /// <summary>Keys that open the server, sent as <c>Authorization: Bearer KEY</c>. With none, every local caller may use it.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>
    /// Names that a request's Host may have, without port; <c>*</c> takes any (only behind a proxy that checks). An address literal that
    /// the connection really arrived at is always taken. Default: localhost, 127.0.0.1, [::1].
    /// </summary>
    public IList<string> AllowedHosts { get; } = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Origins of web pages that may use the server, like <c>https://chat.example.org</c>. Default: none but the server's own.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Makes the seeds of requests that name none repeatable, in order of arrival; null draws them afresh in every process.</summary>
    public ulong? Seed { get; set; }

    /// <summary>Bounds on what clients may ask.</summary>
    public ServingLimits Limits { get; set; } = new();
}
