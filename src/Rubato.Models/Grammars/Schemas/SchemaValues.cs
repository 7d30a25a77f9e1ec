using System.Globalization;
using System.Text.Json;
using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>The values of enum and const.</summary>
internal static class SchemaValues
{
    /// <summary>A text that is equal for equal values (numbers by value; members of objects in the same order).</summary>
    public static string KeyOf(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
        ? number.ToString("G29", CultureInfo.InvariantCulture)
        : JsonSerializer.Serialize(value);

    public static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.Object => JsonTypes.Object,
        _ => value.TryGetDecimal(out var number) && decimal.Truncate(number) == number ? JsonTypes.Integer : JsonTypes.Fraction,
    };

    /// <summary>The values that the other facts allow.</summary>
    public static GrammarExpression Write(SchemaFacts facts)
    {
        var values = facts.Values.Where(value => facts.Types.HasFlag(TypeOf(value))).Where(value => Allows(facts, value)).ToArray();
        return LiteralTree.Of(values.Select(JsonText.Literal).Select(literal => ((LiteralExpression)literal).Bytes));
    }

    private static bool Allows(SchemaFacts facts, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                if (facts.Pattern is not null)
                {
                    throw Beside(facts, "pattern or format");
                }

                var length = SchemaFields.Text(value, facts.Path).EnumerateRunes().Count();
                return length >= facts.LengthMin && length <= (facts.LengthMax ?? int.MaxValue);
            case JsonValueKind.Number when facts.Min is not null || facts.Max is not null:
                return value.TryGetDecimal(out var number) && SchemaNumbers.Holds(facts, number);
            case JsonValueKind.Object when facts.Mentioned.HasFlag(JsonTypes.Object):
            case JsonValueKind.Array when facts.Mentioned.HasFlag(JsonTypes.Array):
                throw Beside(facts, "keywords for objects and arrays");
            default:
                return true;
        }
    }

    private static SchemaException Beside(SchemaFacts facts, string what) =>
        new(facts.Path, $"'{facts.Path}': 'enum' or 'const' beside {what} is not supported; leave one of them out.");
}
