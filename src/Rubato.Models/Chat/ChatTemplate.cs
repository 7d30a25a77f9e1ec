using Rubato.Core;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Chat;

/// <summary>A chat template as model files carry it, written in the part of Jinja that such templates use. Immutable, safe to share.</summary>
/// <remarks>
/// Supported: text, output, if, for, set, macro, call, filter, with, raw, break, continue, generation; the filters, tests, methods and functions in the classes beside
/// this one. White space is treated as Hugging Face sets Jinja (trim_blocks and lstrip_blocks). A template can neither read nor change
/// anything outside its input, and its time, depth and output are bounded.
/// </remarks>
public sealed class ChatTemplate
{
    /// <summary>A template for models that know no other: the turns of ChatML, as in the files that Rubato trains.</summary>
    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private readonly TemplateBlock _block;
    private readonly TemplateErrors _errors;
    private readonly TemplateLimits _limits;

    private readonly bool _wantsShortIds;

    private ChatTemplate(TemplateBlock block, TemplateErrors errors, TemplateLimits limits, string source)
    {
        KnowsTools = source.Contains("tools", StringComparison.Ordinal);
        _wantsShortIds = ToolCallSyntax.Of(source) == ToolCallSyntax.Mistral;
        _block = block;
        _errors = errors;
        _limits = limits;
    }

    /// <summary>Whether the template looks at the functions that the assistant may call.</summary>
    public bool KnowsTools { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="InvalidFormatException">The template is malformed or uses what is not supported; the message has line and column.</exception>
    public static ChatTemplate Parse(string source) => Parse(source, TemplateLimits.Default);

    internal static ChatTemplate Parse(string source, TemplateLimits limits)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length > limits.SourceCharacters)
        {
            throw new InvalidFormatException($"Chat template: {source.Length} characters, more than {limits.SourceCharacters}.");
        }

        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var errors = new TemplateErrors(source);
        return new(TemplateParser.Parse(source, errors, limits), errors, limits, source);
    }

    /// <summary>Renders the conversation as the text that the model is to continue.</summary>
    /// <exception cref="InvalidFormatException">The template fails on this conversation, or refuses it; the message has line and column.</exception>
    public string Render(ChatTemplateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal) { ["tools"] = null, ["documents"] = null };
        foreach (var (name, value) in input.Variables)
        {
            variables[name] = value is int whole ? (long)whole : value;
        }

        if (!input.Tools.IsEmpty)
        {
            variables["tools"] = input.Tools.Select(tool => (object?)TemplateMessages.ToValue(tool)).ToList();
        }

        Func<string, string> callId = _wantsShortIds ? TemplateMessages.ShortId : id => id;
        variables["messages"] = input.Messages.Select(message => (object?)TemplateMessages.ToValue(message, callId)).ToList();
        variables["add_generation_prompt"] = input.AddGenerationPrompt;
        variables["bos_token"] = input.BeginOfText;
        variables["eos_token"] = input.EndOfText;
        return Render(variables, input.Now);
    }

    /// <summary>Renders with variables as the template names them: values are null, bool, long, double, string, lists and maps of them.</summary>
    /// <exception cref="InvalidFormatException">The template fails, or refuses the conversation.</exception>
    internal string Render(IEnumerable<KeyValuePair<string, object?>> variables, DateTimeOffset? now)
    {
        var scope = new TemplateScope(null);
        TemplateFunctions.AddTo(scope, now);
        foreach (var (name, value) in variables)
        {
            scope.Set(name, value);
        }

        return new TemplateInterpreter(new(_errors, _limits)).Render(_block, scope);
    }

    /// <summary>Renders conversations with the begin-of-text and end-of-text tokens of a model.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    public Func<IReadOnlyList<ChatMessage>, string> RendererFor(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var begin = Spelling(tokenizer, tokenizer.BeginOfText);
        var end = Spelling(tokenizer, tokenizer.EndOfText);
        return messages => Render(new ChatTemplateInput([.. messages]) { BeginOfText = begin, EndOfText = end });
    }

    /// <summary>
    /// Renders conversations with functions, as the template has it; a template that knows no functions gets them as
    /// <see cref="GenericToolForm"/> writes them.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    public Func<ChatConversation, string> ConversationRendererFor(ITokenizer tokenizer)
    {
        var render = RendererFor(tokenizer);
        var (begin, end) = (Spelling(tokenizer, tokenizer.BeginOfText), Spelling(tokenizer, tokenizer.EndOfText));
        return conversation => KnowsTools
            ? Render(new ChatTemplateInput(conversation.Messages) { Tools = conversation.Tools, BeginOfText = begin, EndOfText = end })
            : render(GenericToolForm.Write(conversation));
    }

    private static string Spelling(ITokenizer tokenizer, int? token) => token is { } id ? tokenizer.TokenText(id) : "";
}
