using Rubato.Models.Grammars.Expressions;

namespace Rubato.Models.Grammars.Patterns;

/// <summary>A regular expression as a grammar of the inside of a JSON string.</summary>
/// <param name="Expression">What it matches.</param>
/// <param name="LengthMin">Characters of the shortest match.</param>
/// <param name="LengthMax">Characters of the longest match; null without limit.</param>
internal readonly record struct Pattern(GrammarExpression Expression, int LengthMin, int? LengthMax)
{
    public static Pattern Empty { get; } = new(GrammarExpression.Empty, 0, 0);

    /// <summary>Any text.</summary>
    public static Pattern Anything { get; } = new(GrammarExpression.Repeat(Json.JsonCharacters.Plain, 0, null), 0, null);

    /// <summary>One of the characters.</summary>
    public static Pattern Of(CharacterSet set) => new(Json.JsonCharacters.Of(set), 1, 1);

    public Pattern Then(Pattern next) => new(
        GrammarExpression.Sequence(Expression, next.Expression), Sum(LengthMin, next.LengthMin), LengthMax is { } a && next.LengthMax is { } b ? Sum(a, b) : null);

    public Pattern Or(Pattern other) => new(
        GrammarExpression.Choice(Expression, other.Expression),
        Math.Min(LengthMin, other.LengthMin),
        LengthMax is { } a && other.LengthMax is { } b ? Math.Max(a, b) : null);

    /// <summary>Several times; the caller sees to it that a body that may be empty is not counted.</summary>
    public Pattern Repeat(int min, int? max) => new(
        GrammarExpression.Repeat(Expression, min, max),
        Product(LengthMin, min),
        max == 0 || LengthMax == 0 ? 0 : max is { } times && LengthMax is { } length ? Product(length, times) : null);

    private static int Sum(int a, int b) => (int)Math.Min((long)a + b, int.MaxValue);

    private static int Product(int a, int b) => (int)Math.Min((long)a * b, int.MaxValue);
}
