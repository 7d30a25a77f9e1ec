using System.Globalization;
using System.Text;

namespace Rubato.Models.Chat;

/// <summary>The functions that every template can call.</summary>
internal static class TemplateFunctions
{
    /// <summary>Adds the functions to a scope; <c>strftime_now</c> only when the time is known.</summary>
    public static void AddTo(TemplateScope scope, DateTimeOffset? now)
    {
        Add(scope, "namespace", static call => new TemplateNamespace(Attributes(call)));
        Add(scope, "dict", static call => MapOf(call));
        Add(scope, "range", Range);
        Add(scope, "raise_exception", static call => throw call.Run.Error($"the template refuses the conversation: {call.Text(0, "message")}"));
        if (now is { } time)
        {
            Add(scope, "strftime_now", call => Format(time, call.Text(0, "format"), call.Run));
        }
    }

    private static void Add(TemplateScope scope, string name, Func<TemplateCall, object?> function) =>
        scope.Set(name, new TemplateCallable(name, function));

    private static Dictionary<string, object?> Attributes(TemplateCall call)
    {
        var attributes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var map in call.Positional.OfType<OrderedDictionary<string, object?>>())
        {
            foreach (var (key, value) in map)
            {
                attributes[key] = value;
            }
        }

        foreach (var (key, value) in call.Named)
        {
            attributes[key] = value;
        }

        return attributes;
    }

    private static OrderedDictionary<string, object?> MapOf(TemplateCall call)
    {
        var map = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in Attributes(call))
        {
            map[key] = value;
        }

        return map;
    }

    private static List<object?> Range(TemplateCall call)
    {
        var first = call.Integer(0, "start", 0);
        var (start, stop) = call.Positional.Count > 1 ? (first, call.Integer(1, "stop", 0)) : (0, first);
        var step = call.Integer(2, "step", 1);
        if (step == 0)
        {
            throw call.Run.Error("the step of a range cannot be 0.");
        }

        var items = new List<object?>();
        for (Int128 i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            call.Run.ChargeElements(1);
            items.Add((long)i);
        }

        return items;
    }

    private static string Format(DateTimeOffset time, string format, TemplateRun run)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            run.Charge(1);
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var code = format[++i];
            text.Append(Directive(code) is { } directive
                ? time.ToString(directive, CultureInfo.InvariantCulture)
                : code switch
                {
                    '%' => "%",
                    'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                    _ => throw run.Error($"the date directive \"%{code}\" is not supported."),
                });
        }

        return text.ToString();
    }

    private static string? Directive(char code) => code switch
    {
        'Y' => "yyyy",
        'y' => "yy",
        'm' => "MM",
        'd' => "dd",
        'B' => "MMMM",
        'b' => "MMM",
        'A' => "dddd",
        'a' => "ddd",
        'H' => "HH",
        'I' => "hh",
        'M' => "mm",
        'S' => "ss",
        'p' => "tt",
        _ => null,
    };
}
