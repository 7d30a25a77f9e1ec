namespace Rubato.Hosting.Tests.Fuzzing;

/// <summary>A request made from a seed.</summary>
internal sealed record FuzzedRequest(string Class, string Path, byte[] Body)
{
    public string Method { get; init; } = "POST";

    public string ContentType { get; init; } = "application/json";

    public string? Host { get; init; }

    public string? Origin { get; init; }

    /// <summary>The only statuses that are right; empty when any 200 or 4xx is.</summary>
    public int[] Expected { get; init; } = [];
}
