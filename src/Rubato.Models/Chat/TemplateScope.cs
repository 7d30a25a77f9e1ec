namespace Rubato.Models.Chat;

/// <summary>Variables of a loop body, a macro or the whole template; inner scopes see outer ones and do not change them.</summary>
internal sealed class TemplateScope(TemplateScope? outer)
{
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);

    public void Set(string name, object? value) => _variables[name] = value;

    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return new TemplateUndefined(name);
    }

    private TemplateScope? Outer => outer;
}
