namespace Rubato.Hosting.Output;

/// <summary>What an answer gained in one call.</summary>
/// <param name="Index">Which call of the answer, from 0.</param>
/// <param name="Name">The function, when the call begins here; else null.</param>
/// <param name="Arguments">More of the arguments' JSON.</param>
/// <param name="IsComplete">Whether the arguments end here.</param>
internal readonly record struct ToolCallDelta(int Index, string? Name, string Arguments, bool IsComplete);
