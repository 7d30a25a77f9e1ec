using System.Globalization;
using System.Text.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Finds what <c>$ref</c> points to, inside the same document.</summary>
internal sealed class SchemaReferences(SchemaPart root)
{
    /// <summary>The schema that a reference names.</summary>
    /// <exception cref="SchemaException">It names none, or one outside the document.</exception>
    public SchemaPart Resolve(SchemaPart from)
    {
        var path = $"{from.Path}.$ref";
        var reference = SchemaFields.Text(from.Element.GetProperty("$ref"), path);
        if (reference != "#" && !reference.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new SchemaException(path, $"'{path}' must be # or begin with #/ ; references to anchors and other documents are not supported.");
        }

        var found = root;
        foreach (var step in reference.Length <= 2 ? [] : Uri.UnescapeDataString(reference[2..]).Split('/'))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            found = Step(found, name) ?? throw new SchemaException(path, $"'{path}' points to nothing: the schema has no {JsonSerializer.Serialize(Shown(reference))}.");
        }

        return found;
    }

    private static string Shown(string reference) => reference.Length <= 80 ? reference : reference[..80] + "...";

    private static SchemaPart? Step(SchemaPart at, string name)
    {
        if (at.Element.ValueKind == JsonValueKind.Object && at.Element.TryGetProperty(name, out var member))
        {
            return new(member, $"{at.Path}.{name}");
        }

        return at.Element.ValueKind == JsonValueKind.Array
            && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.Element.GetArrayLength()
            ? new(at.Element[index], $"{at.Path}[{index}]")
            : null;
    }
}
