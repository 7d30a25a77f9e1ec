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
}
