using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>Finds the chat templates of a folder: chat_template.jinja, or those in tokenizer_config.json or chat_template.json.</summary>
internal static class ChatTemplateFiles
{
    private const string Field = "chat_template";
    private const long BytesMax = 1_000_000;

    /// <summary>Templates by name; the main one is called "default".</summary>
    /// <exception cref="InvalidFormatException">A template is not text, or a name is unfit for a key.</exception>
    public static OrderedDictionary<string, string> Find(string folder, JsonFields? settings)
    {
        var templates = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        var file = Path.Combine(folder, "chat_template.jinja");
        foreach (var source in new[] { settings, JsonFile.Find(Path.Combine(folder, "chat_template.json"), BytesMax) })
        {
            Collect(source, templates);
        }

        if (File.Exists(file))
        {
            templates["default"] = Text(file);
        }

        return templates;
    }

    private static void Collect(JsonFields? source, OrderedDictionary<string, string> templates)
    {
        if (source?.Find(Field) is not { } value)
        {
            return;
        }

        if (value.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            templates["default"] = source.GetString(Field);
            return;
        }

        foreach (var entry in source.Objects(Field))
        {
            var name = entry.GetString("name");
            templates[name] = name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
                ? entry.GetString("template")
                : throw entry.Refused($"{Printable.Quote(name)} is no name for a template: letters, digits, '_' and '-' are needed");
        }
    }

    private static string Text(string path)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(JsonFile.ReadBytes(path, BytesMax)).TrimStart('\uFEFF');
        }
        catch (ArgumentException e)
        {
            throw new InvalidFormatException($"{path}: is not valid UTF-8.", e);
        }
    }
}
