using System.Collections.Immutable;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Engine;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Grammars;
using Rubato.Models.Grammars.Tools;

namespace Rubato.Hosting.Output;

/// <summary>The form of an answer, ready for the engine: its grammar, and how calls are found in it.</summary>
/// <param name="Grammar">What may be generated; null for any text.</param>
/// <param name="Calls">The model's way to write calls; null when the answer is not searched for any.</param>
/// <param name="IsForced">Whether the answer is calls and nothing else.</param>
/// <param name="Markers">Control tokens that are part of the text, because calls are marked with them.</param>
internal sealed record OutputForm(TokenGrammar? Grammar, ToolCallSyntax? Calls, bool IsForced, ImmutableArray<int> Markers)
{
    /// <summary>Whether an answer without calls is JSON.</summary>
    public bool ContentIsJson { get; init; }

    /// <summary>The functions that may be called.</summary>
    public ImmutableArray<string> Functions { get; init; } = [];

    public static OutputForm Text { get; } = new(null, null, false, []);

    /// <summary>Compiles what a client wants, or finds it among what was compiled before.</summary>
    /// <exception cref="OpenAiException">A schema is malformed, not supported or too large; or the wishes contradict each other.</exception>
    public static OutputForm Of(OutputRequest wanted, ServedModel model)
    {
        try
        {
            return wanted.Tools.IsEmpty || wanted.Choice == ToolChoice.None ? OfContent(wanted.Format, model) : OfTools(wanted, model);
        }
        catch (SchemaException error)
        {
            throw new OpenAiException(OpenAiError.BadRequest(error.Message, error.Path, "invalid_schema"));
        }
    }

    /// <summary>The same for a request that may want to go on past the end of the answer, which a grammar does not let it.</summary>
    /// <exception cref="OpenAiException">A schema is malformed, not supported or too large; or the wishes contradict each other.</exception>
    public static OutputForm Of(OutputRequest wanted, ServedModel model, bool ignoresEndOfText)
    {
        var form = Of(wanted, model);
        return form.Grammar is null || !ignoresEndOfText
            ? form
            : throw new OpenAiException(OpenAiError.BadRequest(
                "'ignore_eos' cannot go on past the end that functions or a JSON format set; leave one of them out.", "ignore_eos", "invalid_value"));
    }

    /// <summary>A reader that finds the calls in one answer; null when there are none to find.</summary>
    public ToolCallReader? NewReader() => Calls is null ? null : new ToolCallReader(Calls, IsForced, Functions, ContentIsJson);

    private static OutputForm OfContent(OutputFormat? format, ServedModel model) => format is null ? Text
        : Text with { Grammar = format.Schema is { } schema ? model.Grammars.JsonSchema(schema, format.Path) : model.Grammars.JsonObject() };

    private static OutputForm OfTools(OutputRequest wanted, ServedModel model)
    {
        var syntax = model.ToolCalls;
        var isForced = wanted.Choice == ToolChoice.Required;
        int[] chosen = [.. Enumerable.Range(0, wanted.Tools.Length).Where(i => wanted.FunctionName is null || wanted.Tools[i].Name == wanted.FunctionName)];
        var output = new ToolOutput
        {
            Tools = [.. chosen.Select(i => wanted.Tools[i])],
            Syntax = syntax,
            IsForced = isForced,
            AllowsSeveral = wanted.AllowsSeveralCalls && wanted.FunctionName is null && syntax.TakesSeveral,
            Loose = wanted.LooseTools,
            Content = isForced ? null : wanted.Format?.Schema,
            ContentIsObject = !isForced && wanted.Format is { Schema: null },
        };
        var grammar = model.Grammars.ToolCalls(output, i => wanted.ToolPaths[chosen[i]], wanted.Format?.Path ?? "response_format");
        return new(grammar, syntax, isForced, [.. model.Grammars.MarkersOf(syntax)]) { ContentIsJson = output.ContentIsObject || output.Content is not null, Functions = [.. output.Tools.Select(tool => tool.Name)] };
    }
}
