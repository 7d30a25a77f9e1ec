using System.Collections.Immutable;

namespace Rubato.Models.Chat;

/// <summary>A part of a template that makes output or changes variables.</summary>
/// <param name="Position">Where it starts in the source.</param>
internal abstract record TemplateStatement(int Position);

internal sealed record TextStatement(int Position, string Text) : TemplateStatement(Position);

internal sealed record OutputStatement(int Position, TemplateExpression Value) : TemplateStatement(Position);

/// <summary>Branches in order; the last has no condition when there is an "else".</summary>
internal sealed record IfStatement(int Position, ImmutableArray<(TemplateExpression? Condition, TemplateBlock Body)> Branches)
    : TemplateStatement(Position);

internal sealed record ForStatement(
    int Position, ImmutableArray<string> Targets, TemplateExpression Items, TemplateExpression? Filter, TemplateBlock Body, TemplateBlock? Else)
    : TemplateStatement(Position);

/// <summary>Sets variables, or an attribute of a namespace when <paramref name="Attribute"/> is not null.</summary>
internal sealed record SetStatement(int Position, ImmutableArray<string> Targets, string? Attribute, TemplateExpression Value)
    : TemplateStatement(Position);

/// <summary>Sets a variable to the text of the body, after <paramref name="Value"/>'s filters.</summary>
internal sealed record SetBlockStatement(int Position, string Target, TemplateBlock Body, TemplateExpression Value) : TemplateStatement(Position);

/// <summary>Writes the text of the body after <paramref name="Value"/>'s filters.</summary>
internal sealed record FilterStatement(int Position, TemplateBlock Body, TemplateExpression Value) : TemplateStatement(Position);

/// <summary>Calls a macro that may call the body as <c>caller</c>.</summary>
internal sealed record CallStatement(
    int Position, ImmutableArray<(string Name, TemplateExpression? Default)> Parameters, CallExpression Call, TemplateBlock Body)
    : TemplateStatement(Position);

/// <summary>A body with variables of its own.</summary>
internal sealed record WithStatement(int Position, ImmutableArray<(string Name, TemplateExpression Value)> Variables, TemplateBlock Body)
    : TemplateStatement(Position);

internal sealed record MacroStatement(
    int Position, string Name, ImmutableArray<(string Name, TemplateExpression? Default)> Parameters, TemplateBlock Body)
    : TemplateStatement(Position);

/// <summary>Leaves the innermost loop, or goes to its next item.</summary>
internal sealed record LoopControlStatement(int Position, bool Leaves) : TemplateStatement(Position);

/// <summary>A body that is only marked (<c>{% generation %}</c>).</summary>
internal sealed record MarkedStatement(int Position, TemplateBlock Body) : TemplateStatement(Position);

internal sealed record TemplateBlock(ImmutableArray<TemplateStatement> Statements);

/// <summary>A part of a template that has a value.</summary>
/// <param name="Position">Where it starts in the source.</param>
internal abstract record TemplateExpression(int Position);

internal sealed record LiteralExpression(int Position, object? Value) : TemplateExpression(Position);

internal sealed record NameExpression(int Position, string Name) : TemplateExpression(Position);

internal sealed record ListExpression(int Position, ImmutableArray<TemplateExpression> Items, bool IsTuple = false) : TemplateExpression(Position);

internal sealed record MapExpression(int Position, ImmutableArray<(TemplateExpression Key, TemplateExpression Value)> Entries)
    : TemplateExpression(Position);

internal sealed record UnaryExpression(int Position, string Operator, TemplateExpression Operand) : TemplateExpression(Position);

internal sealed record BinaryExpression(int Position, string Operator, TemplateExpression Left, TemplateExpression Right)
    : TemplateExpression(Position);

internal sealed record ConditionalExpression(int Position, TemplateExpression Condition, TemplateExpression Then, TemplateExpression? Else)
    : TemplateExpression(Position);

internal sealed record AttributeExpression(int Position, TemplateExpression Target, string Name) : TemplateExpression(Position);

internal sealed record IndexExpression(int Position, TemplateExpression Target, TemplateExpression Index) : TemplateExpression(Position);

internal sealed record SliceExpression(
    int Position, TemplateExpression Target, TemplateExpression? Start, TemplateExpression? Stop, TemplateExpression? Step)
    : TemplateExpression(Position);

internal sealed record CallExpression(int Position, TemplateExpression Target, TemplateArguments Arguments) : TemplateExpression(Position);

internal sealed record FilterExpression(int Position, TemplateExpression Target, string Name, TemplateArguments Arguments)
    : TemplateExpression(Position);

internal sealed record TestExpression(int Position, TemplateExpression Target, string Name, TemplateArguments Arguments, bool Negated)
    : TemplateExpression(Position);

internal sealed record TemplateArguments(
    ImmutableArray<TemplateExpression> Positional, ImmutableArray<(string Name, TemplateExpression Value)> Named)
{
    public static TemplateArguments None { get; } = new([], []);
}
