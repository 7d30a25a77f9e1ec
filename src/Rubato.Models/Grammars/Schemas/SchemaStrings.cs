using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Strings with a pattern, or within bounds on their length.</summary>
internal static class SchemaStrings
{
    public static GrammarExpression Write(SchemaFacts facts)
    {
        if (facts.LengthMax < facts.LengthMin)
        {
            return GrammarExpression.Never;
        }

        if (facts.Pattern is not { } given)
        {
            return facts is { LengthMin: 0, LengthMax: null } ? JsonText.AnyString : Quoted(GrammarExpression.Repeat(JsonCharacters.Any, facts.LengthMin, facts.LengthMax));
        }

        var pattern = given.Pattern;
        if (pattern.LengthMin < facts.LengthMin || (facts.LengthMax is { } max && !(pattern.LengthMax <= max)))
        {
            throw new SchemaException(
                facts.Path, $"'{facts.Path}': 'minLength' or 'maxLength' beside a pattern or format that may break it is not supported; say it in the pattern.");
        }

        return Quoted(pattern.Expression);
    }

    private static GrammarExpression Quoted(GrammarExpression inside) => GrammarExpression.Sequence(JsonText.Text("\""), inside, JsonText.Text("\""));
}
