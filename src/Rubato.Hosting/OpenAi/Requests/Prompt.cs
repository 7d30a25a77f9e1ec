using System.Collections.Immutable;
using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>One prompt: text, or token ids.</summary>
/// <param name="Text">The text; null when tokens are given.</param>
/// <param name="Tokens">The token ids; default when text is given.</param>
/// <param name="Path">Where the request has it, for messages.</param>
internal sealed record Prompt(string? Text, ImmutableArray<int> Tokens, string Path)
{
    private const int TokensMax = 1 << 24;

    /// <summary>Reads a text, an array of texts, a row of token ids, or an array of such rows.</summary>
    public static ImmutableArray<Prompt> ReadAll(JsonElement value, string path, int countMax)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return [OfText(value, path)];
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Number)
        {
            return [OfTokens(value, path)];
        }

        var items = JsonFields.Array(value, path, countMax);
        return [.. items.EnumerateArray().Select((item, i) => Read(item, $"{path}[{i}]"))];
    }

    public static Prompt OfText(JsonElement value, string path) => new(JsonFields.Text(value, path), default, path);

    public static Prompt OfTokens(JsonElement value, string path)
    {
        var items = JsonFields.Array(value, path, TokensMax);
        var tokens = ImmutableArray.CreateBuilder<int>(items.GetArrayLength());
        foreach (var item in items.EnumerateArray())
        {
            tokens.Add((int)JsonFields.Integer(item, path, 0, int.MaxValue));
        }

        return new(null, tokens.MoveToImmutable(), path);
    }

    private static Prompt Read(JsonElement item, string path) => item.ValueKind switch
    {
        JsonValueKind.String => OfText(item, path),
        JsonValueKind.Array => OfTokens(item, path),
        _ => throw JsonFields.WrongType(path, "a string or an array of token ids", item),
    };
}
