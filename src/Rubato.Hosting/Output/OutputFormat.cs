using System.Text.Json;

namespace Rubato.Hosting.Output;

/// <summary>What an answer must be: a JSON object, or JSON that satisfies a schema.</summary>
/// <param name="Schema">The schema; null for any JSON object.</param>
/// <param name="Path">The name of the schema in messages.</param>
internal sealed record OutputFormat(JsonElement? Schema, string Path);
