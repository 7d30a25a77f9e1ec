using System.Text.Json;

namespace Rubato.Models.Chat;

/// <summary>A function called by the assistant.</summary>
/// <param name="Id">Names the call, so that the answer can be matched.</param>
/// <param name="Name">The function.</param>
/// <param name="Arguments">A JSON object.</param>
public sealed record ChatToolCall(string Id, string Name, JsonElement Arguments);
