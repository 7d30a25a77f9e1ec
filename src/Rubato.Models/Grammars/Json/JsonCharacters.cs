using System.Globalization;
using System.Text;
using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Patterns;

namespace Rubato.Models.Grammars.Json;

/// <summary>One character inside a JSON string: as itself, or escaped where JSON asks for it.</summary>
internal static class JsonCharacters
{
    private static readonly CharacterSet MustEscape = CharacterSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));

    /// <summary>Any character that needs no escape, as itself.</summary>
    public static GrammarExpression Plain { get; } = Rule("plain character", Utf8Expression.Of(CharacterSet.All.Except(MustEscape)));

    /// <summary>Any character in any form that JSON allows; half a surrogate pair is never one.</summary>
    public static GrammarExpression Any { get; } = Rule("character", AnyForm());

    /// <summary>A character of a set, in one form only.</summary>
    public static GrammarExpression Of(CharacterSet set)
    {
        var items = new List<GrammarExpression>();
        var plain = set.Except(MustEscape);
        if (!plain.IsEmpty)
        {
            items.Add(Utf8Expression.Of(plain));
        }

        foreach (var (low, high) in set.Intersect(MustEscape).Ranges)
        {
            for (var character = low; character <= high; character++)
            {
                items.Add(GrammarExpression.Literal(Encoding.ASCII.GetBytes(Escape((char)character))));
            }
        }

        return GrammarExpression.Choice([.. items]);
    }

    /// <summary>A string of the set of plain characters that need no escape.</summary>
    public static CharacterSet PlainSet => CharacterSet.All.Except(MustEscape);

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
    };

    private static GrammarExpression AnyForm()
    {
        var hex = OneOf("0123456789abcdefABCDEF");
        var hexNotD = OneOf("0123456789abcefABCEF");
        var d = OneOf("dD");
        var basic = GrammarExpression.Choice(
            GrammarExpression.Sequence(hexNotD, hex, hex, hex),
            GrammarExpression.Sequence(d, OneOf("01234567"), hex, hex));
        var pair = GrammarExpression.Sequence(
            d, OneOf("89abAB"), hex, hex, GrammarExpression.Literal("\\u"u8), d, OneOf("cdefCDEF"), hex, hex);
        var unicode = GrammarExpression.Sequence(GrammarExpression.Literal("u"u8), GrammarExpression.Choice(basic, pair));
        var escape = GrammarExpression.Sequence(
            GrammarExpression.Literal("\\"u8), GrammarExpression.Choice(OneOf("\"\\/bfnrt"), unicode));
        return GrammarExpression.Choice(Plain, escape);
    }

    private static GrammarExpression OneOf(string characters) =>
        GrammarExpression.Choice([.. characters.Select(character => GrammarExpression.Range((byte)character, (byte)character))]);

    private static RuleExpression Rule(string name, GrammarExpression body) => new(new GrammarRule(name, nests: false) { Body = body });
}
