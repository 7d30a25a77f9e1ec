using System.Collections.Immutable;

namespace Rubato.Models.Chat;

/// <summary>Parses the statements of a template.</summary>
internal sealed class TemplateParser
{
    /// <summary>What filters of a block apply to; no template can spell it.</summary>
    public const string BodyName = "%body";

    private readonly TemplateTokenStream _tokens;
    private readonly TemplateExpressionParser _expressions;
    private int _loops;

    private TemplateParser(TemplateTokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new(tokens);
    }

    public static TemplateBlock Parse(string source, TemplateErrors errors, TemplateLimits limits)
    {
        var stream = new TemplateTokenStream(TemplateLexer.Tokenize(source, errors), errors, limits.Depth);
        var parser = new TemplateParser(stream);
        var block = parser.Block();
        return stream.Current.Kind == TemplateTokenKind.End
            ? block
            : throw errors.At(stream.Current.Position, $"\"{stream.Following.Text}\" without its start.");
    }

    /// <summary>Statements up to one of the ending names, which stays unread behind its "{%", or up to the end.</summary>
    private TemplateBlock Block(params ReadOnlySpan<string> endings)
    {
        _tokens.Enter();
        var statements = ImmutableArray.CreateBuilder<TemplateStatement>();
        var start = _tokens.Current.Position;
        while (_tokens.Current.Kind != TemplateTokenKind.End)
        {
            if (_tokens.Current.Kind == TemplateTokenKind.StatementStart && IsEnding(_tokens.Following))
            {
                break;
            }

            statements.Add(Statement());
        }

        if (!endings.IsEmpty && !(_tokens.Current.Kind == TemplateTokenKind.StatementStart && endings.Contains(_tokens.Following.Text)))
        {
            throw _tokens.Errors.At(start, $"block without an end; expected {string.Join(" or ", endings.ToArray())}.");
        }

        _tokens.Leave();
        return new(statements.DrainToImmutable());
    }

    private static bool IsEnding(TemplateToken token) =>
        token.Kind == TemplateTokenKind.Name
        && token.Text is "endif" or "elif" or "else" or "endfor" or "endset" or "endmacro" or "endgeneration" or "endfilter" or "endcall" or "endwith";

    private TemplateStatement Statement()
    {
        var token = _tokens.Take();
        switch (token.Kind)
        {
            case TemplateTokenKind.Text:
                return new TextStatement(token.Position, token.Text);
            case TemplateTokenKind.OutputStart:
                var value = _expressions.Tuple();
                _tokens.Expect(TemplateTokenKind.OutputEnd, "\"}}\"");
                return new OutputStatement(token.Position, value);
            default:
                return Tagged(token.Position);
        }
    }

    private TemplateStatement Tagged(int position)
    {
        var name = _tokens.Expect(TemplateTokenKind.Name, "the name of a statement");
        return name.Text switch
        {
            "if" => If(position),
            "for" => For(position),
            "set" => Set(position),
            "macro" => Macro(position),
            "break" or "continue" => LoopControl(position, name.Text == "break"),
            "generation" => Generation(position),
            "filter" => Filter(position),
            "call" => Call(position),
            "with" => With(position),
            _ => throw _tokens.Errors.At(name.Position, $"the statement \"{name.Text}\" is not supported."),
        };
    }

    private void EndTag() => _tokens.Expect(TemplateTokenKind.StatementEnd, "\"%}\"");

    /// <summary>Takes "{% name", which <see cref="Block"/> left unread.</summary>
    private string TakeEnding()
    {
        _tokens.Take();
        return _tokens.Take().Text;
    }

    private IfStatement If(int position)
    {
        var branches = ImmutableArray.CreateBuilder<(TemplateExpression? Condition, TemplateBlock Body)>();
        var condition = _expressions.Expression();
        while (true)
        {
            EndTag();
            branches.Add((condition, condition is null ? Block("endif") : Block("elif", "else", "endif")));
            var ending = TakeEnding();
            if (ending == "endif")
            {
                EndTag();
                return new(position, branches.DrainToImmutable());
            }

            condition = ending == "elif" ? _expressions.Expression() : null;
        }
    }

    private ForStatement For(int position)
    {
        var targets = Targets();
        if (!_tokens.TakeName("in"))
        {
            throw _tokens.Unexpected("\"in\"");
        }

        var items = _expressions.WithoutCondition();
        var filter = _tokens.TakeName("if") ? _expressions.Expression() : null;
        if (_tokens.IsName("recursive"))
        {
            throw _tokens.Errors.At(_tokens.Current.Position, "recursive loops are not supported.");
        }

        EndTag();
        _loops++;
        var body = Block("else", "endfor");
        _loops--;
        TemplateBlock? otherwise = null;
        if (TakeEnding() == "else")
        {
            EndTag();
            otherwise = Block("endfor");
            TakeEnding();
        }

        EndTag();
        return new(position, targets, items, filter, body, otherwise);
    }

    private TemplateStatement Set(int position)
    {
        var targets = Targets();
        string? attribute = null;
        if (targets.Length == 1 && _tokens.TakeOperator("."))
        {
            attribute = _tokens.Expect(TemplateTokenKind.Name, "the name of an attribute").Text;
        }

        if (_tokens.TakeOperator("="))
        {
            var value = _expressions.Tuple();
            EndTag();
            return new SetStatement(position, targets, attribute, value);
        }

        if (targets.Length != 1 || attribute is not null)
        {
            throw _tokens.Unexpected("\"=\"");
        }

        var filtered = _expressions.Filters(new NameExpression(position, BodyName));
        return new SetBlockStatement(position, targets[0], BodyUpTo("endset"), filtered);
    }

    private FilterStatement Filter(int position)
    {
        var filtered = _expressions.FilterChain(new NameExpression(position, BodyName));
        return new(position, BodyUpTo("endfilter"), filtered);
    }

    private CallStatement Call(int position)
    {
        var parameters = _tokens.IsOperator("(") ? Parameters() : [];
        var call = _expressions.Expression() as CallExpression ?? throw _tokens.Errors.At(position, "a call block needs a call of a macro.");
        return new(position, parameters, call, OutsideLoops("endcall"));
    }

    private WithStatement With(int position)
    {
        var variables = ImmutableArray.CreateBuilder<(string Name, TemplateExpression Value)>();
        while (_tokens.Current.Kind == TemplateTokenKind.Name)
        {
            var name = _tokens.Take().Text;
            _tokens.ExpectOperator("=");
            variables.Add((name, _expressions.Expression()));
            if (!_tokens.TakeOperator(","))
            {
                break;
            }
        }

        return new(position, variables.DrainToImmutable(), BodyUpTo("endwith"));
    }

    /// <summary>The rest of the start tag, the body and the end tag.</summary>
    private TemplateBlock BodyUpTo(string ending)
    {
        EndTag();
        var body = Block(ending);
        TakeEnding();
        EndTag();
        return body;
    }

    /// <summary>A body that runs elsewhere, so that it cannot leave the loops around it.</summary>
    private TemplateBlock OutsideLoops(string ending)
    {
        var outerLoops = _loops;
        _loops = 0;
        var body = BodyUpTo(ending);
        _loops = outerLoops;
        return body;
    }

    private MacroStatement Macro(int position)
    {
        var name = _tokens.Expect(TemplateTokenKind.Name, "the name of the macro").Text;
        return new(position, name, Parameters(), OutsideLoops("endmacro"));
    }

    private ImmutableArray<(string Name, TemplateExpression? Default)> Parameters()
    {
        var parameters = ImmutableArray.CreateBuilder<(string Name, TemplateExpression? Default)>();
        _tokens.ExpectOperator("(");
        while (!_tokens.TakeOperator(")"))
        {
            var parameter = _tokens.Expect(TemplateTokenKind.Name, "the name of a parameter").Text;
            parameters.Add((parameter, _tokens.TakeOperator("=") ? _expressions.Expression() : null));
            if (!_tokens.IsOperator(")"))
            {
                _tokens.ExpectOperator(",");
            }
        }

        return parameters.DrainToImmutable();
    }

    private LoopControlStatement LoopControl(int position, bool leaves)
    {
        if (_loops == 0)
        {
            throw _tokens.Errors.At(position, "break or continue outside a loop.");
        }

        EndTag();
        return new(position, leaves);
    }

    private MarkedStatement Generation(int position) => new(position, BodyUpTo("endgeneration"));

    private ImmutableArray<string> Targets()
    {
        var targets = ImmutableArray.CreateBuilder<string>();
        var bracketed = _tokens.TakeOperator("(");
        do
        {
            targets.Add(_tokens.Expect(TemplateTokenKind.Name, "the name of a variable").Text);
        }
        while (_tokens.TakeOperator(","));
        if (bracketed)
        {
            _tokens.ExpectOperator(")");
        }

        return targets.DrainToImmutable();
    }
}
