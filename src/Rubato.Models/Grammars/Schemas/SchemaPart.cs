using System.Text.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>A schema as it stands at one place of the document.</summary>
/// <param name="Element">An object, true or false.</param>
/// <param name="Path">The place, for messages.</param>
internal readonly record struct SchemaPart(JsonElement Element, string Path)
{
    public SchemaPart Child(string keyword) => new(Element.GetProperty(keyword), $"{Path}.{keyword}");
}
