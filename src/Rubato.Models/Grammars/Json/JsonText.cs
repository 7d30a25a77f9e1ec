using System.Text.Encodings.Web;
using System.Text.Json;
using Rubato.Models.Grammars.Expressions;

namespace Rubato.Models.Grammars.Json;

/// <summary>The parts that JSON texts are made of. White space and digits are bounded, so that no output consists of them alone.</summary>
internal static class JsonText
{
    /// <summary>Blanks at the beginning of a line.</summary>
    private const int IndentationMax = 16;

    /// <summary>Digits before the point, and behind it: what 64-bit numbers can hold.</summary>
    public const int DigitsMax = 18;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Nothing, a blank, or a line end with indentation.</summary>
    public static GrammarExpression Space { get; } = Rule("space", nests: false, GrammarExpression.Choice(
        GrammarExpression.Empty,
        Text(" "),
        GrammarExpression.Sequence(Text("\n"), GrammarExpression.Repeat(Choice(" \t"), 0, IndentationMax))));

    public static GrammarExpression OptionalBlank { get; } = GrammarExpression.Optional(Text(" "));

    public static GrammarExpression Digit { get; } = GrammarExpression.Range((byte)'0', (byte)'9');

    public static GrammarExpression Fraction { get; } =
        GrammarExpression.Sequence(Text("."), GrammarExpression.Repeat(Digit, 1, DigitsMax));

    public static GrammarExpression Integer { get; } = GrammarExpression.Choice(
        Text("0"), GrammarExpression.Sequence(GrammarExpression.Optional(Text("-")), PositiveInteger()));

    public static GrammarExpression Number { get; } = GrammarExpression.Sequence(
        GrammarExpression.Optional(Text("-")),
        GrammarExpression.Choice(Text("0"), PositiveInteger()),
        GrammarExpression.Optional(Fraction),
        GrammarExpression.Optional(GrammarExpression.Sequence(
            Choice("eE"), GrammarExpression.Optional(Choice("+-")), GrammarExpression.Repeat(Digit, 1, 2))));

    public static GrammarExpression Boolean { get; } = GrammarExpression.Choice(Text("true"), Text("false"));

    public static GrammarExpression Null { get; } = Text("null");

    public static GrammarExpression AnyString { get; } =
        GrammarExpression.Sequence(Text("\""), GrammarExpression.Repeat(JsonCharacters.Any, 0, null), Text("\""));

    /// <summary>Any JSON value.</summary>
    public static GrammarExpression Value { get; }

    /// <summary>Any JSON object.</summary>
    public static GrammarExpression AnyObject { get; }

    /// <summary>Any JSON array.</summary>
    public static GrammarExpression AnyArray { get; }

    static JsonText()
    {
        var value = new GrammarRule("value", nests: false);
        Value = new RuleExpression(value);
        AnyObject = Object(Members(Pair(AnyString, Value), 0, null));
        AnyArray = Array(Items(Value, 0, null));
        value.Body = GrammarExpression.Choice(AnyObject, AnyArray, AnyString, Number, Boolean, Null);
    }

    public static GrammarExpression Text(string ascii) => GrammarExpression.Literal(System.Text.Encoding.UTF8.GetBytes(ascii));

    /// <summary>One of these ASCII characters.</summary>
    public static GrammarExpression Choice(string ascii) =>
        GrammarExpression.Choice([.. ascii.Select(character => GrammarExpression.Range((byte)character, (byte)character))]);

    /// <summary>A value in its shortest form.</summary>
    public static GrammarExpression Literal(JsonElement value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Relaxed))
        {
            value.WriteTo(writer);
        }

        return GrammarExpression.Literal(stream.ToArray());
    }

    /// <summary>A string in its shortest form, quotes included.</summary>
    public static GrammarExpression Literal(string text) =>
        GrammarExpression.Literal([(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"']);

    public static GrammarExpression Pair(GrammarExpression name, GrammarExpression value) =>
        GrammarExpression.Sequence(name, Text(":"), OptionalBlank, value);

    /// <summary>Braces around members; one level of nesting.</summary>
    public static GrammarExpression Object(GrammarExpression members) => Rule("object", nests: true, GrammarExpression.Sequence(
        Text("{"), Space, members, Text("}")));

    /// <summary>Brackets around items; one level of nesting.</summary>
    public static GrammarExpression Array(GrammarExpression items) => Rule("array", nests: true, GrammarExpression.Sequence(
        Text("["), Space, items, Text("]")));

    /// <summary>Members or items of one kind with commas between them, and the white space before the closing bracket.</summary>
    public static GrammarExpression Items(GrammarExpression item, int min, int? max)
    {
        if (max == 0)
        {
            return GrammarExpression.Empty;
        }

        var some = GrammarExpression.Sequence(item, Further(item, Math.Max(min, 1) - 1, max - 1), Space);
        return min > 0 ? some : GrammarExpression.Optional(some);
    }

    public static GrammarExpression Members(GrammarExpression pair, int min, int? max) => Items(pair, min, max);

    /// <summary>More items, each with a comma before it.</summary>
    public static GrammarExpression Further(GrammarExpression item, int min, int? max) =>
        GrammarExpression.Repeat(GrammarExpression.Sequence(Comma, item), min, max);

    public static GrammarExpression Comma { get; } = GrammarExpression.Sequence(Text(","), Space);

    private static GrammarExpression PositiveInteger() => GrammarExpression.Sequence(
        GrammarExpression.Range((byte)'1', (byte)'9'), GrammarExpression.Repeat(Digit, 0, DigitsMax - 1));

    private static RuleExpression Rule(string name, bool nests, GrammarExpression body) => new(new GrammarRule(name, nests) { Body = body });
}
