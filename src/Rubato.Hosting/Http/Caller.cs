namespace Rubato.Hosting.Http;

/// <summary>Who asks: what fairness, priorities and shared prefixes go by.</summary>
/// <param name="Client">The outer unit of fairness; empty for an unnamed client.</param>
/// <param name="User">Who of the client asks; empty when the request does not say.</param>
/// <param name="KeyName">The API key that the request came with (key1, key2, …); null without keys.</param>
internal sealed record Caller(string Client, string User = "", string? KeyName = null)
{
    private const char Separator = '\u001f';

    /// <summary>Nobody in particular.</summary>
    public static Caller Unnamed { get; } = new("");

    /// <summary>What the request's prefixes are shared under: holders of different keys share nothing, whatever salt they send.</summary>
    public string Salt(string cacheSalt) => KeyName is null ? cacheSalt : KeyName + Separator + cacheSalt;
}
