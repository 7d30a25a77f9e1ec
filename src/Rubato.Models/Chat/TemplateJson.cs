using System.Globalization;
using System.Text;

namespace Rubato.Models.Chat;

/// <summary>The filter "tojson" as Hugging Face sets it: Python's <c>json.dumps</c> with ensure_ascii, indent, separators and sort_keys, characters not escaped.</summary>
internal sealed class TemplateJson(TemplateRun run, int? indent, string itemSeparator, string keySeparator, bool escapesAll, bool sortsKeys)
{
    private const int MaximumNesting = 64;
    private readonly StringBuilder _json = new();

    public static string Write(object? value, TemplateCall call)
    {
        var indent = call.Get(1, "indent") is null ? (int?)null : (int)Math.Clamp(call.Integer(1, "indent", 0), 0, 16);
        var (item, key) = call.Get(2, "separators") switch
        {
            null => (indent is null ? ", " : ",", ": "),
            List<object?> and [string first, string second] => (first, second),
            _ => throw call.Run.Error("tojson needs two strings as \"separators\"."),
        };
        var escapesAll = TemplateValues.IsTrue(call.Get(0, "ensure_ascii", false));
        var writer = new TemplateJson(call.Run, indent, item, key, escapesAll, TemplateValues.IsTrue(call.Get(3, "sort_keys", false)));
        writer.Append(value, 0);
        return writer._json.ToString();
    }

    private void Append(object? value, int nesting)
    {
        if (nesting > MaximumNesting)
        {
            throw run.Error($"values nested deeper than {MaximumNesting} levels.");
        }

        run.Charge(8);
        switch (value)
        {
            case null:
                _json.Append("null");
                break;
            case bool truth:
                _json.Append(truth ? "true" : "false");
                break;
            case long whole:
                _json.Append(CultureInfo.InvariantCulture, $"{whole}");
                break;
            case double number:
                _json.Append(double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : TemplateValues.NumberText(number));
                break;
            case string text:
                AppendString(text);
                break;
            case List<object?> list:
                AppendAll('[', ']', list, nesting, item => Append(item, nesting + 1));
                break;
            case OrderedDictionary<string, object?> map:
                AppendAll<KeyValuePair<string, object?>>('{', '}', sortsKeys ? [.. map.OrderBy(entry => entry.Key, StringComparer.Ordinal)] : map, nesting, entry => AppendEntry(entry, nesting));
                break;
            default:
                throw run.Error($"{TemplateValues.TypeName(value)} cannot be written as JSON.");
        }
    }

    private void AppendEntry(KeyValuePair<string, object?> entry, int nesting)
    {
        AppendString(entry.Key);
        run.Charge(keySeparator.Length);
        _json.Append(keySeparator);
        Append(entry.Value, nesting + 1);
    }

    private void AppendAll<T>(char open, char close, IReadOnlyCollection<T> items, int nesting, Action<T> append)
    {
        _json.Append(open);
        var first = true;
        foreach (var item in items)
        {
            run.Charge(itemSeparator.Length);
            _json.Append(first ? "" : itemSeparator);
            NewLine(nesting + 1);
            append(item);
            first = false;
        }

        if (!first)
        {
            NewLine(nesting);
        }

        _json.Append(close);
    }

    private void NewLine(int nesting)
    {
        if (indent is { } width)
        {
            run.Charge(width * nesting);
            _json.Append('\n').Append(' ', width * nesting);
        }
    }

    private void AppendString(string text)
    {
        run.Charge(text.Length);
        _json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => _json.Append("\\\""),
                '\\' => _json.Append("\\\\"),
                '\n' => _json.Append("\\n"),
                '\r' => _json.Append("\\r"),
                '\t' => _json.Append("\\t"),
                '\b' => _json.Append("\\b"),
                '\f' => _json.Append("\\f"),
                < ' ' or > '~' when c < ' ' || escapesAll && c > '\u007F' => _json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => _json.Append(c),
            };
        }

        _json.Append('"');
    }
}
