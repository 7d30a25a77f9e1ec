using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Rubato.Models.Chat;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;
using Rubato.Models.Grammars.Schemas;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Grammars.Tools;

/// <summary>The grammar of outputs that call functions, or may.</summary>
internal sealed class ToolCallGrammar(ToolCallSyntax syntax, ITokenizer tokenizer, bool allowsSeveral)
{
    /// <summary>Calls in one turn.</summary>
    private const int CallsMax = 16;

    /// <summary>Characters by which Mistral's models name a call.</summary>
    private const int CallIdLength = 9;

    /// <summary>What a function takes: a JSON object.</summary>
    public static GrammarExpression Arguments(ChatTool tool, string path, bool mayBeLoose, GrammarLimits limits, GrammarWork work)
    {
        if (tool.Parameters is not { } schema || (schema.ValueKind == JsonValueKind.Object && !schema.EnumerateObject().Any()))
        {
            return JsonText.Object(GrammarExpression.Empty);
        }

        if (schema.ValueKind != JsonValueKind.Object
            || (schema.TryGetProperty("type", out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8))))
        {
            throw new SchemaException(path, $"'{path}' must be the schema of an object: arguments have names.");
        }

        try
        {
            return JsonSchemaCompiler.Compile(schema, path, limits, work);
        }
        catch (SchemaException) when (mayBeLoose)
        {
            return JsonText.AnyObject;
        }
    }

    /// <summary>Calls and nothing else.</summary>
    public GrammarExpression Forced(ImmutableArray<(string Name, GrammarExpression Arguments)> functions)
    {
        var calls = Calls(functions);
        return syntax.NeedsOpening ? GrammarExpression.Sequence(JsonText.Space, Marker(syntax.Opening), calls) : calls;
    }

    /// <summary>The same, in every way that the family writes it.</summary>
    public GrammarExpression Any(ImmutableArray<(string Name, GrammarExpression Arguments)> functions) => syntax.NeedsOpening
        ? Forced(functions)
        : GrammarExpression.Choice(Calls(functions), GrammarExpression.Sequence(Marker(syntax.Opening), Calls(functions)));

    /// <summary>Text, in which calls may begin.</summary>
    public GrammarExpression Free(ImmutableArray<(string Name, GrammarExpression Arguments)> functions)
    {
        var calls = Calls(functions);
        var isToken = TokenOf(syntax.Opening) is not null;
        ImmutableArray<int> tokens = isToken ? [TokenOf(syntax.Opening)!.Value] : [];
        if (syntax.NeedsOpening)
        {
            return new FreeTextExpression(isToken ? [] : [Bytes(syntax.Opening)], tokens, calls, calls, OnlyFirst: false);
        }

        var rest = GrammarExpression.Sequence(AfterName(functions), Further(functions));
        return new FreeTextExpression([.. ToolCallSyntax.BareOpenings.Select(Bytes)], tokens, rest, calls, OnlyFirst: true);
    }

    /// <summary>Calls, behind the opening if there is one.</summary>
    private GrammarExpression Calls(ImmutableArray<(string Name, GrammarExpression Arguments)> functions) => IsNamed
        ? GrammarExpression.Sequence(NamedCall(functions), Further(functions))
        : syntax.IsList
        ? GrammarExpression.Sequence(JsonText.OptionalBlank, JsonText.Text("["), Call(functions), Further(functions), JsonText.Text("]"))
        : GrammarExpression.Sequence(
            syntax.Closing.Length > 0 ? JsonText.Space : GrammarExpression.Empty, Call(functions), Closing(), Further(functions));

    /// <summary>More calls, each with what stands between it and the one before.</summary>
    private GrammarExpression Further(ImmutableArray<(string Name, GrammarExpression Arguments)> functions)
    {
        if (!allowsSeveral)
        {
            return GrammarExpression.Empty;
        }

        var next = IsNamed ? GrammarExpression.Sequence(Marker(syntax.Opening), NamedCall(functions))
            : syntax.IsList
            ? GrammarExpression.Sequence(JsonText.Comma, Call(functions))
            : GrammarExpression.Sequence(JsonText.Space, Marker(syntax.Opening), JsonText.Space, Call(functions), Closing());
        return GrammarExpression.Repeat(next, 0, CallsMax - 1);
    }

    /// <summary>Whether the function's name stands bare before its arguments.</summary>
    private bool IsNamed => syntax.ArgumentsMarker.Length > 0;

    private GrammarExpression NamedCall(ImmutableArray<(string Name, GrammarExpression Arguments)> functions)
    {
        var id = syntax.CallIdMarker.Length == 0
            ? GrammarExpression.Empty
            : GrammarExpression.Sequence(Marker(syntax.CallIdMarker), GrammarExpression.Repeat(IdCharacter, CallIdLength, CallIdLength));
        return GrammarExpression.Choice([.. functions.Select(function => GrammarExpression.Sequence(
            GrammarExpression.Literal(Bytes(function.Name).AsSpan()), id, Marker(syntax.ArgumentsMarker), JsonText.OptionalBlank, function.Arguments))]);
    }

    private static GrammarExpression IdCharacter => GrammarExpression.Choice(
        GrammarExpression.Range((byte)'0', (byte)'9'), GrammarExpression.Range((byte)'A', (byte)'Z'), GrammarExpression.Range((byte)'a', (byte)'z'));

    private GrammarExpression Closing() =>
        syntax.Closing.Length > 0 ? GrammarExpression.Sequence(JsonText.Space, Marker(syntax.Closing)) : GrammarExpression.Empty;

    private GrammarExpression Call(ImmutableArray<(string Name, GrammarExpression Arguments)> functions) =>
        GrammarExpression.Sequence(JsonText.Text("{"), JsonText.Space, JsonText.Text("\"name\":"), AfterName(functions));

    private GrammarExpression AfterName(ImmutableArray<(string Name, GrammarExpression Arguments)> functions) => GrammarExpression.Sequence(
        JsonText.OptionalBlank,
        GrammarExpression.Choice([.. functions.Select(function => GrammarExpression.Sequence(
            JsonText.Literal(function.Name),
            JsonText.Comma,
            JsonText.Text($"\"{syntax.ArgumentsName}\":"),
            JsonText.OptionalBlank,
            function.Arguments))]),
        JsonText.Space,
        JsonText.Text("}"));

    /// <summary>The marker's own token where the vocabulary has one that stands for no text, else its text.</summary>
    private GrammarExpression Marker(string text) => TokenOf(text) is { } token ? new TokenExpression(token) : GrammarExpression.Literal(Bytes(text).AsSpan());

    private int? TokenOf(string marker) => MarkerToken(tokenizer, marker);

    /// <summary>The control token that is spelled so; null when there is none.</summary>
    public static int? MarkerToken(ITokenizer tokenizer, string marker) =>
        marker.Length > 0 && tokenizer.Encode(marker, addSpecial: false, parseSpecial: true) is [var token] && tokenizer.IsSpecial(token) ? token : null;

    private static ImmutableArray<byte> Bytes(string text) => [.. Encoding.UTF8.GetBytes(text)];
}
