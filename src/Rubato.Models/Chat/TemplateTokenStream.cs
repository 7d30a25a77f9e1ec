namespace Rubato.Models.Chat;

/// <summary>The lexical elements of a template with a position, and the bound on nesting while they are parsed.</summary>
internal sealed class TemplateTokenStream(List<TemplateToken> tokens, TemplateErrors errors, int maximumDepth)
{
    private int _next;
    private int _depth;

    public TemplateErrors Errors => errors;

    public TemplateToken Current => tokens[_next];

    public TemplateToken Following => tokens[Math.Min(_next + 1, tokens.Count - 1)];

    public TemplateToken Take()
    {
        var token = tokens[_next];
        if (token.Kind != TemplateTokenKind.End)
        {
            _next++;
        }

        return token;
    }

    public bool IsOperator(string text) => Current.Kind == TemplateTokenKind.Operator && Current.Text == text;

    public bool IsName(string text) => Current.Kind == TemplateTokenKind.Name && Current.Text == text;

    public bool TakeOperator(string text) => TakeIf(IsOperator(text));

    public bool TakeName(string text) => TakeIf(IsName(text));

    public TemplateToken Expect(TemplateTokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public void ExpectOperator(string text)
    {
        if (!TakeOperator(text))
        {
            throw Unexpected($"\"{text}\"");
        }
    }

    public Rubato.Core.InvalidFormatException Unexpected(string expected)
    {
        var found = Current.Kind switch
        {
            TemplateTokenKind.End => "the end of the template",
            TemplateTokenKind.StatementEnd => "\"%}\"",
            TemplateTokenKind.OutputEnd => "\"}}\"",
            _ => $"\"{(Current.Text.Length <= 40 ? Current.Text : Current.Text[..40] + "…")}\"",
        };
        return errors.At(Current.Position, $"expected {expected}, found {found}.");
    }

    /// <summary>Goes one level deeper; <see cref="Leave"/> comes back.</summary>
    public void Enter()
    {
        if (++_depth > maximumDepth)
        {
            throw errors.At(Current.Position, $"nested deeper than {maximumDepth} levels.");
        }
    }

    public void Leave() => _depth--;

    private bool TakeIf(bool condition)
    {
        if (condition)
        {
            _next++;
        }

        return condition;
    }
}
