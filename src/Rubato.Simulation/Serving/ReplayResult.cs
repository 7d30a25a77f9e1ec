namespace Rubato.Simulation.Serving;

/// <summary>What a replay found.</summary>
/// <param name="Plans">Plans compared.</param>
/// <param name="Calls">Calls repeated, plans included.</param>
/// <param name="Identical">Whether every output was the recorded one, plans byte for byte.</param>
/// <param name="FirstDifference">The first output that differs, with its line; null when identical.</param>
/// <param name="CutShort">Whether the recording ends in the middle of a line, which was left out.</param>
public sealed record ReplayResult(long Plans, long Calls, bool Identical, string? FirstDifference, bool CutShort);
