using System.Collections.Immutable;
using System.Text;

namespace Rubato.Models.Chat;

/// <summary>Executes the statements of a template.</summary>
internal sealed class TemplateInterpreter
{
    private const string CallerName = "caller";

    private readonly TemplateRun _run;
    private readonly TemplateEvaluator _evaluator;

    private enum Flow
    {
        Onward,
        NextItem,
        LeaveLoop,
    }

    public TemplateInterpreter(TemplateRun run)
    {
        _run = run;
        _evaluator = new(run);
    }

    /// <summary>Renders the block with the variables of <paramref name="scope"/>.</summary>
    public string Render(TemplateBlock block, TemplateScope scope)
    {
        var output = new StringBuilder();
        Execute(block, scope, output);
        return output.ToString();
    }

    private Flow Execute(TemplateBlock block, TemplateScope scope, StringBuilder output)
    {
        foreach (var statement in block.Statements)
        {
            var outer = _run.Enter(statement.Position);
            var flow = Execute(statement, scope, output);
            _run.Leave(outer);
            if (flow != Flow.Onward)
            {
                return flow;
            }
        }

        return Flow.Onward;
    }

    private Flow Execute(TemplateStatement statement, TemplateScope scope, StringBuilder output)
    {
        switch (statement)
        {
            case TextStatement text:
                Write(text.Text, output);
                return Flow.Onward;
            case OutputStatement written:
                Write(TemplateValues.ToText(_evaluator.Evaluate(written.Value, scope), _run), output);
                return Flow.Onward;
            case IfStatement conditional:
                return If(conditional, scope, output);
            case ForStatement loop:
                For(loop, scope, output);
                return Flow.Onward;
            case SetStatement set:
                Set(set, scope);
                return Flow.Onward;
            case SetBlockStatement set:
                scope.Set(set.Target, Filtered(set.Body, set.Value, scope));
                return Flow.Onward;
            case FilterStatement filter:
                Write(TemplateValues.ToText(Filtered(filter.Body, filter.Value, scope), _run), output);
                return Flow.Onward;
            case CallStatement call:
                Write(TemplateValues.ToText(Call(call, scope), _run), output);
                return Flow.Onward;
            case WithStatement with:
                return With(with, scope, output);
            case MacroStatement macro:
                scope.Set(macro.Name, new TemplateCallable(macro.Name, call => Call(macro.Name, macro.Parameters, macro.Body, call, scope)));
                return Flow.Onward;
            case MarkedStatement marked:
                return Execute(marked.Body, scope, output);
            default:
                return ((LoopControlStatement)statement).Leaves ? Flow.LeaveLoop : Flow.NextItem;
        }
    }

    private void Write(string text, StringBuilder output)
    {
        _run.Charge(text.Length);
        output.Append(text);
    }

    private Flow If(IfStatement statement, TemplateScope scope, StringBuilder output)
    {
        foreach (var (condition, body) in statement.Branches)
        {
            if (condition is null || TemplateValues.IsTrue(_evaluator.Evaluate(condition, scope)))
            {
                return Execute(body, scope, output);
            }
        }

        return Flow.Onward;
    }

    private void For(ForStatement statement, TemplateScope scope, StringBuilder output)
    {
        var items = TemplateValues.Elements(_evaluator.Evaluate(statement.Items, scope), _run);
        if (statement.Filter is { } filter)
        {
            items = items.FindAll(item =>
            {
                var inner = new TemplateScope(scope);
                Assign(statement.Targets, item, inner);
                return TemplateValues.IsTrue(_evaluator.Evaluate(filter, inner));
            });
        }

        if (items.Count == 0 && statement.Else is { } otherwise)
        {
            Execute(otherwise, scope, output);
            return;
        }

        var loop = new TemplateLoop(items);
        for (var i = 0; i < items.Count; i++)
        {
            var outer = _run.Enter(statement.Position);
            loop.Index = i;
            var inner = new TemplateScope(scope);
            inner.Set("loop", loop);
            Assign(statement.Targets, items[i], inner);
            var flow = Execute(statement.Body, inner, output);
            _run.Leave(outer);
            if (flow == Flow.LeaveLoop)
            {
                return;
            }
        }
    }

    private void Set(SetStatement statement, TemplateScope scope)
    {
        var value = _evaluator.Evaluate(statement.Value, scope);
        if (statement.Attribute is null)
        {
            Assign(statement.Targets, value, scope);
            return;
        }

        if (scope.Get(statement.Targets[0]) is not TemplateNamespace space)
        {
            throw _run.Error($"\"{statement.Targets[0]}\" is not a namespace; only attributes of namespaces can be set.");
        }

        space.Attributes[statement.Attribute] = value;
    }

    private void Assign(IReadOnlyList<string> targets, object? value, TemplateScope scope)
    {
        if (targets.Count == 1)
        {
            scope.Set(targets[0], value);
            return;
        }

        if (value is not List<object?> list || list.Count != targets.Count)
        {
            throw _run.Error($"{targets.Count} variables cannot be set from {TemplateValues.TypeName(value)}.");
        }

        for (var i = 0; i < targets.Count; i++)
        {
            scope.Set(targets[i], list[i]);
        }
    }

    private object? Filtered(TemplateBlock body, TemplateExpression value, TemplateScope scope)
    {
        var inner = new TemplateScope(scope);
        inner.Set(TemplateParser.BodyName, Render(body, new(scope)));
        return _evaluator.Evaluate(value, inner);
    }

    private Flow With(WithStatement statement, TemplateScope scope, StringBuilder output)
    {
        var inner = new TemplateScope(scope);
        foreach (var (name, value) in statement.Variables)
        {
            inner.Set(name, _evaluator.Evaluate(value, scope));
        }

        return Execute(statement.Body, inner, output);
    }

    private object? Call(CallStatement statement, TemplateScope scope)
    {
        var caller = new TemplateCallable(CallerName, call => Call(CallerName, statement.Parameters, statement.Body, call, scope));
        var arguments = statement.Call.Arguments;
        var named = arguments.Named.Add((CallerName, new LiteralExpression(statement.Position, caller)));
        return _evaluator.Evaluate(statement.Call with { Arguments = arguments with { Named = named } }, scope);
    }

    private string Call(
        string macro, ImmutableArray<(string Name, TemplateExpression? Default)> parameters, TemplateBlock body, TemplateCall call, TemplateScope defined)
    {
        var scope = new TemplateScope(defined);
        if (call.Named.TryGetValue(CallerName, out var caller))
        {
            scope.Set(CallerName, caller);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            var (name, missing) = parameters[i];
            var given = call.Get(i, name, this);
            scope.Set(name, given != (object)this ? given : missing is null ? new TemplateUndefined(name) : _evaluator.Evaluate(missing, scope));
        }

        return call.Positional.Count <= parameters.Length
            ? Render(body, scope)
            : throw _run.Error($"the macro \"{macro}\" takes {parameters.Length} arguments.");
    }
}
