using System.Text;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace;

/// <summary>Reads the JSON files of a model folder within bounds: an object at the top, each name once, no deep nesting.</summary>
internal static class JsonFile
{
    private const int DepthMax = 64;

    /// <summary>Values, names and brackets of one file; each takes memory beyond the text. Three times as many as the largest published tokenizer has.</summary>
    private const int PartsMax = 8_000_000;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = DepthMax };

    /// <summary>The object in the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytesMax">A longer file is refused.</param>
    /// <exception cref="RubatoException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidFormatException">The file is too long or no such JSON.</exception>
    public static JsonFields Read(string path, long bytesMax) => Parse(ReadBytes(path, bytesMax), path);

    /// <summary>As <see cref="Read"/>, or null where there is no such file.</summary>
    public static JsonFields? Find(string path, long bytesMax) => File.Exists(path) ? Read(path, bytesMax) : null;

    /// <summary>The object that the bytes spell.</summary>
    public static JsonFields Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            if (json.Span.StartsWith(Encoding.UTF8.Preamble))
            {
                json = json[Encoding.UTF8.Preamble.Length..];
            }

            if (!System.Text.Unicode.Utf8.IsValid(json.Span))
            {
                throw new InvalidFormatException($"{source}: is not valid UTF-8.");
            }

            CheckParts(json.Span, source);
            var root = JsonDocument.Parse(json, Options).RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new(source, root)
                : throw new InvalidFormatException($"{source}: the JSON is {JsonFields.Describe(root)}; an object is needed.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidFormatException($"{source}: no valid JSON: {OneLine(e.Message)}", e);
        }
    }

    /// <summary>The bytes of the file.</summary>
    public static byte[] ReadBytes(string path, long bytesMax)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > bytesMax)
            {
                throw new InvalidFormatException($"{path}: {file.Length} bytes, more than the {bytesMax} that such a file may have.");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RubatoException($"{path}: there is no such file; a model folder holds config.json, tokenizer.json (or tokenizer.model) and model.safetensors or its shards.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{path}: cannot be read: {OneLine(e.Message)}", e);
        }
    }

    /// <summary>Refuses halves of surrogate pairs, in names and values, here: later each place that reads a string would have to. And too many parts.</summary>
    private static void CheckParts(ReadOnlySpan<byte> json, string source)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        for (var count = 0; reader.Read(); count++)
        {
            if (count == PartsMax)
            {
                throw new InvalidFormatException($"{source}: the JSON has more than {PartsMax} values, names and brackets.");
            }

            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }

    private static string OneLine(string message)
    {
        var line = Printable.Quote(message, lengthMax: 200);
        return line[1..^1];
    }
}
