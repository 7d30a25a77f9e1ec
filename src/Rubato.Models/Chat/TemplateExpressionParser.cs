using System.Collections.Immutable;
using System.Globalization;

namespace Rubato.Models.Chat;

/// <summary>Parses the expressions of a template, with Jinja's precedence.</summary>
internal sealed class TemplateExpressionParser(TemplateTokenStream tokens)
{
    /// <summary>From the loosest binding to the tightest; each level is left-associative.</summary>
    private static readonly string[][] ArithmeticLevels = [["+", "-"], ["~"], ["*", "/", "//", "%"]];

    private static readonly string[] Comparisons = ["==", "!=", "<", ">", "<=", ">="];

    /// <summary>An expression, or several with commas between, which make a list.</summary>
    public TemplateExpression Tuple()
    {
        var first = Expression();
        if (!tokens.IsOperator(","))
        {
            return first;
        }

        var items = ImmutableArray.CreateBuilder<TemplateExpression>();
        items.Add(first);
        while (tokens.TakeOperator(",") && StartsExpression())
        {
            items.Add(Expression());
        }

        return new ListExpression(first.Position, items.DrainToImmutable(), IsTuple: true);
    }

    /// <summary>An expression with an optional "… if … else …".</summary>
    public TemplateExpression Expression()
    {
        tokens.Enter();
        var value = Or();
        while (tokens.TakeName("if"))
        {
            var condition = Or();
            var otherwise = tokens.TakeName("else") ? Expression() : null;
            value = new ConditionalExpression(value.Position, condition, value, otherwise);
        }

        tokens.Leave();
        return value;
    }

    /// <summary>An expression whose "if" belongs to the statement around it.</summary>
    public TemplateExpression WithoutCondition() => Or();

    /// <summary>Filters with "|" between, the first without one.</summary>
    public TemplateExpression FilterChain(TemplateExpression value) => Filters(Filter(tokens.Current.Position, value));

    private bool StartsExpression() => tokens.Current.Kind switch
    {
        TemplateTokenKind.Name or TemplateTokenKind.String or TemplateTokenKind.Integer or TemplateTokenKind.Float => true,
        TemplateTokenKind.Operator => tokens.Current.Text is "(" or "[" or "{" or "-" or "+",
        _ => false,
    };

    private TemplateExpression Or()
    {
        var left = And();
        while (tokens.Current is { Text: "or", Kind: TemplateTokenKind.Name } token)
        {
            tokens.Take();
            left = new BinaryExpression(token.Position, "or", left, And());
        }

        return left;
    }

    private TemplateExpression And()
    {
        var left = Not();
        while (tokens.Current is { Text: "and", Kind: TemplateTokenKind.Name } token)
        {
            tokens.Take();
            left = new BinaryExpression(token.Position, "and", left, Not());
        }

        return left;
    }

    private TemplateExpression Not()
    {
        if (tokens.Current is not { Text: "not", Kind: TemplateTokenKind.Name } token)
        {
            return Comparison();
        }

        tokens.Take();
        tokens.Enter();
        var operand = Not();
        tokens.Leave();
        return new UnaryExpression(token.Position, "not", operand);
    }

    private TemplateExpression Comparison()
    {
        var left = Arithmetic(0);
        var previous = left;
        TemplateExpression? all = null;
        while (ComparisonOperator() is { } found)
        {
            var right = Arithmetic(0);
            var one = new BinaryExpression(found.Position, found.Text, previous, right);
            all = all is null ? one : new BinaryExpression(found.Position, "and", all, one);
            previous = right;
        }

        return all ?? left;
    }

    private TemplateToken? ComparisonOperator()
    {
        var token = tokens.Current;
        if (token.Kind == TemplateTokenKind.Operator && Comparisons.Contains(token.Text))
        {
            return tokens.Take();
        }

        if (tokens.TakeName("in"))
        {
            return token;
        }

        if (tokens.IsName("not") && tokens.Following is { Kind: TemplateTokenKind.Name, Text: "in" })
        {
            tokens.Take();
            tokens.Take();
            return token with { Text = "not in" };
        }

        return null;
    }

    private TemplateExpression Arithmetic(int level)
    {
        if (level == ArithmeticLevels.Length)
        {
            return Power();
        }

        var left = Arithmetic(level + 1);
        while (tokens.Current.Kind == TemplateTokenKind.Operator && ArithmeticLevels[level].Contains(tokens.Current.Text))
        {
            var token = tokens.Take();
            left = new BinaryExpression(token.Position, token.Text, left, Arithmetic(level + 1));
        }

        return left;
    }

    private TemplateExpression Power()
    {
        var left = Unary(withFilters: true);
        while (tokens.IsOperator("**"))
        {
            var token = tokens.Take();
            left = new BinaryExpression(token.Position, token.Text, left, Unary(withFilters: true));
        }

        return left;
    }

    private TemplateExpression Unary(bool withFilters)
    {
        tokens.Enter();
        TemplateExpression value;
        if (tokens.IsOperator("-") || tokens.IsOperator("+"))
        {
            var token = tokens.Take();
            value = new UnaryExpression(token.Position, token.Text, Unary(withFilters: false));
        }
        else
        {
            value = Postfix(Primary());
        }

        value = withFilters ? Filters(value) : value;
        tokens.Leave();
        return value;
    }

    private TemplateExpression Primary()
    {
        var token = tokens.Take();
        switch (token.Kind)
        {
            case TemplateTokenKind.Name:
                return Named(token);
            case TemplateTokenKind.String:
                return new LiteralExpression(token.Position, AdjacentStrings(token.Text));
            case TemplateTokenKind.Integer:
                return long.TryParse(token.Text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var whole)
                    ? new LiteralExpression(token.Position, whole)
                    : throw tokens.Errors.At(token.Position, "integer outside 64 bits.");
            case TemplateTokenKind.Float:
                return new LiteralExpression(
                    token.Position, double.Parse(token.Text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
            case TemplateTokenKind.Operator when token.Text == "(":
                return Bracketed(token.Position);
            case TemplateTokenKind.Operator when token.Text == "[":
                return new ListExpression(token.Position, Items("]"));
            case TemplateTokenKind.Operator when token.Text == "{":
                return Map(token.Position);
            default:
                throw tokens.Errors.At(token.Position, "expected an expression.");
        }
    }

    private static TemplateExpression Named(TemplateToken token) => token.Text switch
    {
        "true" or "True" => new LiteralExpression(token.Position, true),
        "false" or "False" => new LiteralExpression(token.Position, false),
        "none" or "None" => new LiteralExpression(token.Position, null),
        _ => new NameExpression(token.Position, token.Text),
    };

    private string AdjacentStrings(string first)
    {
        if (tokens.Current.Kind != TemplateTokenKind.String)
        {
            return first;
        }

        var all = new System.Text.StringBuilder(first);
        while (tokens.Current.Kind == TemplateTokenKind.String)
        {
            all.Append(tokens.Take().Text);
        }

        return all.ToString();
    }

    private TemplateExpression Bracketed(int position)
    {
        if (tokens.TakeOperator(")"))
        {
            return new ListExpression(position, [], IsTuple: true);
        }

        var value = Tuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private ImmutableArray<TemplateExpression> Items(string end)
    {
        var items = ImmutableArray.CreateBuilder<TemplateExpression>();
        while (!tokens.TakeOperator(end))
        {
            items.Add(Expression());
            if (!tokens.IsOperator(end))
            {
                tokens.ExpectOperator(",");
            }
        }

        return items.DrainToImmutable();
    }

    private MapExpression Map(int position)
    {
        var entries = ImmutableArray.CreateBuilder<(TemplateExpression Key, TemplateExpression Value)>();
        while (!tokens.TakeOperator("}"))
        {
            var key = Expression();
            tokens.ExpectOperator(":");
            entries.Add((key, Expression()));
            if (!tokens.IsOperator("}"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new(position, entries.DrainToImmutable());
    }

    private TemplateExpression Postfix(TemplateExpression value)
    {
        while (tokens.Current.Kind == TemplateTokenKind.Operator)
        {
            var position = tokens.Current.Position;
            switch (tokens.Current.Text)
            {
                case ".":
                    tokens.Take();
                    value = new AttributeExpression(position, value, AttributeName());
                    break;
                case "[":
                    tokens.Take();
                    value = Subscript(position, value);
                    break;
                case "(":
                    tokens.Take();
                    value = new CallExpression(position, value, Arguments());
                    break;
                default:
                    return value;
            }
        }

        return value;
    }

    private string AttributeName() => tokens.Current.Kind is TemplateTokenKind.Name or TemplateTokenKind.Integer
        ? tokens.Take().Text
        : throw tokens.Unexpected("the name of an attribute");

    private TemplateExpression Subscript(int position, TemplateExpression target)
    {
        var start = tokens.IsOperator(":") ? null : Expression();
        if (start is not null && tokens.TakeOperator("]"))
        {
            return new IndexExpression(position, target, start);
        }

        tokens.ExpectOperator(":");
        var stop = tokens.IsOperator(":") || tokens.IsOperator("]") ? null : Expression();
        TemplateExpression? step = null;
        if (tokens.TakeOperator(":") && !tokens.IsOperator("]"))
        {
            step = Expression();
        }

        tokens.ExpectOperator("]");
        return new SliceExpression(position, target, start, stop, step);
    }

    private TemplateArguments Arguments()
    {
        var positional = ImmutableArray.CreateBuilder<TemplateExpression>();
        var named = ImmutableArray.CreateBuilder<(string Name, TemplateExpression Value)>();
        while (!tokens.TakeOperator(")"))
        {
            if (tokens.Current.Kind == TemplateTokenKind.Name && tokens.Following is { Kind: TemplateTokenKind.Operator, Text: "=" })
            {
                var name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, Expression()));
            }
            else
            {
                positional.Add(Expression());
            }

            if (!tokens.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new(positional.DrainToImmutable(), named.DrainToImmutable());
    }

    private FilterExpression Filter(int position, TemplateExpression value)
    {
        var name = tokens.Expect(TemplateTokenKind.Name, "the name of a filter").Text;
        return new(position, value, name, tokens.TakeOperator("(") ? Arguments() : TemplateArguments.None);
    }

    /// <summary>The filters and tests behind a value.</summary>
    public TemplateExpression Filters(TemplateExpression value)
    {
        while (true)
        {
            var position = tokens.Current.Position;
            if (tokens.TakeOperator("|"))
            {
                value = Filter(position, value);
            }
            else if (tokens.TakeName("is"))
            {
                value = Test(position, value);
            }
            else
            {
                return value;
            }
        }
    }

    private TestExpression Test(int position, TemplateExpression value)
    {
        var negated = tokens.TakeName("not");
        var name = tokens.Expect(TemplateTokenKind.Name, "the name of a test").Text;
        var arguments = TemplateArguments.None;
        if (tokens.TakeOperator("("))
        {
            arguments = Arguments();
        }
        else if (StartsExpression() && !IsKeyword(tokens.Current) && !tokens.IsOperator("-") && !tokens.IsOperator("+"))
        {
            arguments = new([Postfix(Primary())], []);
        }

        return new(position, value, name, arguments, negated);
    }

    private static bool IsKeyword(TemplateToken token) =>
        token.Kind == TemplateTokenKind.Name && token.Text is "and" or "or" or "not" or "is" or "in" or "if" or "else" or "recursive";
}
