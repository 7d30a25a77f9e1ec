namespace Rubato.Hosting.Security;

/// <summary>Marks a request that the gate has let through.</summary>
/// <param name="KeyName">Which key it came with (key1, key2, …); null without keys.</param>
internal sealed record GatePass(string? KeyName);
