namespace Rubato.Models.Chat;

/// <summary>The kinds of lexical elements of a template.</summary>
internal enum TemplateTokenKind
{
    Text,
    StatementStart,
    StatementEnd,
    OutputStart,
    OutputEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A lexical element: its kind, its text (of strings, the value), and where it starts in the source.</summary>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Position);
