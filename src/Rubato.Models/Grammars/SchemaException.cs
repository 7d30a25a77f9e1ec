using Rubato.Core;

namespace Rubato.Models.Grammars;

/// <summary>A JSON schema that cannot be followed: malformed, not supported, too large, or impossible to satisfy. The message names the place.</summary>
/// <param name="path">The place, like <c>schema.properties.age.minimum</c>.</param>
/// <param name="message">One clear line.</param>
public sealed class SchemaException(string path, string message) : RubatoException(message)
{
    /// <summary>The place, like <c>schema.properties.age.minimum</c>.</summary>
    public string Path => path;
}
