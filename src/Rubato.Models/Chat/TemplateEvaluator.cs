namespace Rubato.Models.Chat;

/// <summary>Evaluates the expressions of a template.</summary>
internal sealed class TemplateEvaluator(TemplateRun run)
{
    public object? Evaluate(TemplateExpression expression, TemplateScope scope)
    {
        var outer = run.Enter(expression.Position);
        var value = Dispatch(expression, scope);
        run.Leave(outer);
        return value;
    }

    private object? Dispatch(TemplateExpression expression, TemplateScope scope) => expression switch
    {
        LiteralExpression literal => literal.Value,
        NameExpression name => scope.Get(name.Name),
        ListExpression list => List(list, scope),
        MapExpression map => Map(map, scope),
        UnaryExpression unary => Unary(unary, scope),
        BinaryExpression binary => Binary(binary, scope),
        ConditionalExpression conditional => Conditional(conditional, scope),
        AttributeExpression attribute => Attribute(Evaluate(attribute.Target, scope), attribute.Name),
        IndexExpression index => IndexOf(index, scope),
        SliceExpression slice => Slice(slice, scope),
        CallExpression call => Call(call, scope),
        FilterExpression filter => TemplateFilters.Apply(
            filter.Name, Evaluate(filter.Target, scope), Arguments(filter.Name, filter.Arguments, scope)),
        TestExpression test => Test(test, scope),
        _ => throw run.Error("unknown expression."),
    };

    private List<object?> List(ListExpression expression, TemplateScope scope)
    {
        run.ChargeElements(expression.Items.Length);
        var items = new List<object?>(expression.Items.Length);
        foreach (var item in expression.Items)
        {
            items.Add(Evaluate(item, scope));
        }

        return expression.IsTuple ? new TemplateTuple(items) : items;
    }

    private OrderedDictionary<string, object?> Map(MapExpression expression, TemplateScope scope)
    {
        run.ChargeElements(expression.Entries.Length);
        var map = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in expression.Entries)
        {
            map[TemplateValues.ToText(Evaluate(key, scope), run)] = Evaluate(value, scope);
        }

        return map;
    }

    private object? Unary(UnaryExpression expression, TemplateScope scope)
    {
        var operand = Evaluate(expression.Operand, scope);
        return expression.Operator switch
        {
            "not" => !TemplateValues.IsTrue(operand),
            "-" => TemplateOperators.Negate(operand, run),
            _ => TemplateValues.Number(operand) ?? throw run.Error($"{TemplateValues.TypeName(operand)} is not a number."),
        };
    }

    private object? Binary(BinaryExpression expression, TemplateScope scope)
    {
        var left = Evaluate(expression.Left, scope);
        if (expression.Operator == "and")
        {
            return TemplateValues.IsTrue(left) ? Evaluate(expression.Right, scope) : left;
        }

        if (expression.Operator == "or")
        {
            return TemplateValues.IsTrue(left) ? left : Evaluate(expression.Right, scope);
        }

        return TemplateOperators.Binary(expression.Operator, left, Evaluate(expression.Right, scope), run);
    }

    private object? Conditional(ConditionalExpression expression, TemplateScope scope)
    {
        if (TemplateValues.IsTrue(Evaluate(expression.Condition, scope)))
        {
            return Evaluate(expression.Then, scope);
        }

        return expression.Else is { } otherwise ? Evaluate(otherwise, scope) : new TemplateUndefined("the value without else");
    }

    private object? Attribute(object? target, string name) => target switch
    {
        TemplateUndefined undefined => throw run.Error($"\"{undefined.Name}\" is undefined."),
        TemplateLoop loop => loop.Attribute(name),
        TemplateNamespace space => space.Attributes.TryGetValue(name, out var value) ? value : new TemplateUndefined(name),
        _ when TemplateMethods.Find(target, name) is { } method => method,
        OrderedDictionary<string, object?> map when map.TryGetValue(name, out var value) => value,
        _ => new TemplateUndefined(name),
    };

    private object? IndexOf(IndexExpression expression, TemplateScope scope)
    {
        var target = Evaluate(expression.Target, scope);
        var index = Evaluate(expression.Index, scope);
        return target is TemplateNamespace or TemplateLoop && index is string name
            ? Attribute(target, name)
            : TemplateOperators.Index(target, index, run);
    }

    private object Slice(SliceExpression expression, TemplateScope scope)
    {
        var target = Evaluate(expression.Target, scope);
        return TemplateOperators.Slice(target, Optional(expression.Start), Optional(expression.Stop), Optional(expression.Step), run);

        object? Optional(TemplateExpression? part) => part is null ? null : Evaluate(part, scope);
    }

    private object? Call(CallExpression expression, TemplateScope scope)
    {
        var target = Evaluate(expression.Target, scope);
        if (target is not TemplateCallable callable)
        {
            var what = target is TemplateUndefined undefined ? $"\"{undefined.Name}\"" : TemplateValues.TypeName(target);
            throw run.Error($"{what} cannot be called.");
        }

        return callable.Invoke(Arguments(callable.Name, expression.Arguments, scope));
    }

    private bool Test(TestExpression expression, TemplateScope scope)
    {
        var value = Evaluate(expression.Target, scope);
        var arguments = Arguments(expression.Name, expression.Arguments, scope);
        return TemplateTests.Apply(expression.Name, value, arguments) != expression.Negated;
    }

    private TemplateCall Arguments(string name, TemplateArguments arguments, TemplateScope scope)
    {
        var positional = new List<object?>(arguments.Positional.Length);
        foreach (var argument in arguments.Positional)
        {
            positional.Add(Evaluate(argument, scope));
        }

        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in arguments.Named)
        {
            named[key] = Evaluate(value, scope);
        }

        return new(run, name, positional, named);
    }
}
