namespace Rubato.Models.Chat;

/// <summary>The tests behind "is".</summary>
internal static class TemplateTests
{
    public static bool Apply(string name, object? value, TemplateCall call) => name switch
    {
        "defined" => value is not TemplateUndefined,
        "undefined" => value is TemplateUndefined,
        "none" => value is null,
        "string" => value is string,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "integer" => value is long,
        "float" => value is double,
        "number" => value is long or double or bool,
        "mapping" => value is OrderedDictionary<string, object?>,
        "sequence" or "iterable" => value is string or List<object?> or OrderedDictionary<string, object?>,
        "callable" => value is TemplateCallable,
        "sameas" => value is null or bool or string ? TemplateValues.AreEqual(value, call.Get(0, "other"), call.Run) && value?.GetType() == call.Get(0, "other")?.GetType() : ReferenceEquals(value, call.Get(0, "other")),
        "upper" => value is string text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "lower" => value is string text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "odd" or "even" => Integer(value, call) % 2 == 0 == (name == "even"),
        "divisibleby" => call.Integer(0, "num", 0) is not 0 and var divisor
            ? divisor == -1 || Integer(value, call) % divisor == 0
            : throw call.Run.Error("division by zero."),
        "eq" or "equalto" or "==" => TemplateValues.AreEqual(value, call.Get(0, "other"), call.Run),
        "ne" => !TemplateValues.AreEqual(value, call.Get(0, "other"), call.Run),
        "lt" or "lessthan" => TemplateValues.Compare(value, call.Get(0, "other"), call.Run) < 0,
        "gt" or "greaterthan" => TemplateValues.Compare(value, call.Get(0, "other"), call.Run) > 0,
        "le" => TemplateValues.Compare(value, call.Get(0, "other"), call.Run) <= 0,
        "ge" => TemplateValues.Compare(value, call.Get(0, "other"), call.Run) >= 0,
        "in" => TemplateOperators.Contains(call.Get(0, "seq"), value, call.Run),
        _ => throw call.Run.Error($"the test \"{name}\" is not supported."),
    };

    private static long Integer(object? value, TemplateCall call) =>
        value as long? ?? throw call.Run.Error($"{TemplateValues.TypeName(value)} is not an integer.");
}
