using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Models.Chat;
using Rubato.Models.Chat.Tools;

namespace Rubato.Hosting.OpenAi;

/// <summary>Turns a conversation into the token ids of a prompt through the model's chat template.</summary>
internal sealed class ChatPromptEncoder(ServedModel model, PromptEncoder prompts)
{
    private const string Messages = "messages";

    private readonly ChatPromptTokenizer? _chat = model.RenderChat is { } render
        ? ChatPromptTokenizer.ForConversations(
            model.Tokenizer, model.RenderConversation ?? (conversation => render(GenericToolForm.Write(conversation))))
        : null;

    /// <exception cref="OpenAiException">The model has no chat form, the template refuses the conversation, or it is too long.</exception>
    public ImmutableArray<int> Encode(ImmutableArray<ChatMessage> messages, string param = Messages, ImmutableArray<ChatTool> tools = default) =>
        prompts.CheckLength(Tokenize(messages, param, tools), param);

    /// <summary>The token ids of a conversation of any number of them.</summary>
    /// <exception cref="OpenAiException">The model has no chat form, the template refuses the conversation, or it is far too long.</exception>
    public ImmutableArray<int> Tokenize(ImmutableArray<ChatMessage> messages, string param = Messages, ImmutableArray<ChatTool> tools = default)
    {
        var prompt = Render(messages, param, tools);
        return [.. _chat!.Encode(prompt)];
    }

    /// <summary>The prompt that a conversation is written as.</summary>
    /// <exception cref="OpenAiException">The model has no chat form, the template refuses the conversation, or it is far too long.</exception>
    public ChatPrompt Render(ImmutableArray<ChatMessage> messages, string param = Messages, ImmutableArray<ChatTool> tools = default)
    {
        if (_chat is null)
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                $"The model '{model.Name}' has no chat template; use /v1/completions.", param, "unsupported_parameter"));
        }

        foreach (var message in messages)
        {
            prompts.CheckTextLength(message.Content, param);
        }

        ChatPrompt prompt;
        try
        {
            prompt = _chat.Render(new ChatConversation(messages, tools.IsDefault ? [] : tools));
        }
        catch (RubatoException error)
        {
            throw new OpenAiException(OpenAiError.BadRequest($"The model's chat template refuses this conversation: {error.Message}", param, "invalid_value"));
        }

        prompts.CheckTextLength(prompt.Text, param);
        return prompt;
    }
}
