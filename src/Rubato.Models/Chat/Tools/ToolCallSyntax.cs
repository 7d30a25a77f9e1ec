namespace Rubato.Models.Chat.Tools;

/// <summary>How a family of models writes calls of functions.</summary>
/// <param name="Name">The family, for messages.</param>
/// <param name="Opening">What stands before calls; it may be a control token of the vocabulary.</param>
/// <param name="Closing">What stands behind each call; empty for nothing.</param>
/// <param name="ArgumentsName">The member of a call that holds the arguments.</param>
/// <param name="IsList">Whether calls stand in one JSON array.</param>
/// <param name="NeedsOpening">False when a call may also begin without the opening, as the first thing of a turn.</param>
public sealed record ToolCallSyntax(string Name, string Opening, string Closing, string ArgumentsName, bool IsList, bool NeedsOpening)
{
    /// <summary>Whether a turn may hold several calls.</summary>
    public bool TakesSeveral { get; init; } = true;

    /// <summary>What stands between the function's name, written bare, and its arguments; empty when both are members of one object.</summary>
    public string ArgumentsMarker { get; init; } = "";

    /// <summary>What stands between a bare name and the nine characters that the model names its call by; empty when it gives none.</summary>
    public string CallIdMarker { get; init; } = "";

    /// <summary>All texts that mark calls and may be control tokens of the vocabulary.</summary>
    public IEnumerable<string> Markers => new[] { Opening, Closing, ArgumentsMarker, CallIdMarker }.Where(marker => marker.Length > 0);

    /// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": …}&lt;/tool_call&gt;</c>: Hermes, Qwen, and models without a form of their own.</summary>
    public static ToolCallSyntax Hermes { get; } = new("hermes", "<tool_call>", "</tool_call>", "arguments", IsList: false, NeedsOpening: true);

    /// <summary><c>[TOOL_CALLS] [{"name": …, "arguments": …}, …]</c>: Mistral.</summary>
    public static ToolCallSyntax Mistral { get; } = new("mistral", "[TOOL_CALLS]", "", "arguments", IsList: true, NeedsOpening: true);

    /// <summary><c>[TOOL_CALLS]name[ARGS]{…}</c>, each call with its own opening: Mistral since tokenizer version 13.</summary>
    public static ToolCallSyntax MistralNamed { get; } = new("mistral-named", "[TOOL_CALLS]", "", "arguments", IsList: false, NeedsOpening: true)
    {
        ArgumentsMarker = "[ARGS]",
    };

    /// <summary><c>[TOOL_CALLS]name[CALL_ID]123456789[ARGS]{…}</c>: Mistral with tokenizer version 11.</summary>
    public static ToolCallSyntax MistralNumbered { get; } = MistralNamed with { Name = "mistral-numbered", CallIdMarker = "[CALL_ID]" };

    /// <summary><c>{"name": …, "parameters": …}</c>, perhaps behind <c>&lt;|python_tag|&gt;</c>: Llama 3.1 and later, one call in a turn.</summary>
    public static ToolCallSyntax Llama { get; } = new("llama", "<|python_tag|>", "", "parameters", IsList: false, NeedsOpening: false)
    {
        TakesSeveral = false,
    };

    /// <summary>How a call without opening may begin.</summary>
    public static IReadOnlyList<string> BareOpenings { get; } = ["{\"name\":", "{ \"name\":", "{\n  \"name\":"];

    /// <summary>The form that a chat template teaches its model.</summary>
    /// <param name="template">The template's source; null when the model has none.</param>
    public static ToolCallSyntax Of(string? template)
    {
        bool Has(string text) => template?.Contains(text, StringComparison.Ordinal) == true;
        return Has(MistralNamed.ArgumentsMarker) && Has(MistralNamed.Opening) ? Has(MistralNumbered.CallIdMarker) ? MistralNumbered : MistralNamed
            : Has(Mistral.Opening) ? Mistral
            : Has(Hermes.Opening) ? Hermes
            : Has(Llama.Opening) || (Has("<|start_header_id|>") && Has("\"parameters\"")) ? Llama
            : Hermes;
    }
}
