using System.Text.Json;

namespace Rubato.Models.Chat;

/// <summary>A function that the assistant may call.</summary>
/// <param name="Name">Letters, digits, underscores and dashes; at most 64.</param>
/// <param name="Description">What it does, for the model.</param>
/// <param name="Parameters">The JSON schema of its arguments; null when it takes none.</param>
public sealed record ChatTool(string Name, string? Description, JsonElement? Parameters);
