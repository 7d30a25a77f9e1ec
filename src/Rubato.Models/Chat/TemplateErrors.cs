using Rubato.Core;

namespace Rubato.Models.Chat;

/// <summary>Makes the one-line errors of templates, with line and column.</summary>
internal sealed class TemplateErrors(string source)
{
    /// <summary>An error at an offset in the source.</summary>
    public InvalidFormatException At(int position, string message)
    {
        position = Math.Clamp(position, 0, source.Length);
        var before = source.AsSpan(0, position);
        var line = before.Count('\n') + 1;
        var column = position - before.LastIndexOf('\n');
        return new($"Chat template {line}:{column}: {OneLine(message)}");
    }

    /// <summary>Text for an error message: short, and without control characters.</summary>
    public static string OneLine(string text)
    {
        var shortened = text.Length <= 300 ? text : $"{text[..300]}…";
        return string.Create(shortened.Length, shortened, static (span, value) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(value[i]) || char.IsSurrogate(value[i]) ? ' ' : value[i];
            }
        });
    }
}
