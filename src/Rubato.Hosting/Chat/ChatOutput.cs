using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using Rubato.Core;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Hosting.Output;
using Rubato.Models.Chat;

namespace Rubato.Hosting.Chat;

/// <summary>What chat options want of the form of an answer: a response format, functions, whether and which to call.</summary>
internal static class ChatOutput
{
    /// <exception cref="InvalidOptionException">The options contradict each other.</exception>
    /// <exception cref="NotSupportedException">A tool is not a function.</exception>
    public static OutputRequest Read(ChatOptions? options)
    {
        var format = options?.ResponseFormat switch
        {
            null or ChatResponseFormatText => null,
            ChatResponseFormatJson json => new OutputFormat(json.Schema, "ResponseFormat.Schema"),
            var other => throw new NotSupportedException($"This engine does not implement the response format {other.GetType().Name}."),
        };
        ImmutableArray<ChatTool> tools = [.. (options?.Tools ?? []).Select(ToTool)];
        var name = (options?.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
        var isRequired = options?.ToolMode is RequiredChatToolMode;
        if (isRequired && (tools.IsEmpty || (name is not null && !tools.Any(tool => tool.Name == name))))
        {
            throw new InvalidOptionException($"ToolMode requires a call of {name ?? "some function"}, which is not among the Tools: add it.");
        }

        if (tools.Select(tool => tool.Name).Distinct().Count() < tools.Length)
        {
            throw new InvalidOptionException("Tools holds two functions of one name: rename one.");
        }

        return new OutputRequest
        {
            Tools = options?.ToolMode is NoneChatToolMode ? [] : tools,
            ToolPaths = [.. tools.Select(tool => $"Tools.{tool.Name}.JsonSchema")],
            Choice = isRequired ? ToolChoice.Required : options?.ToolMode is NoneChatToolMode ? ToolChoice.None : ToolChoice.Auto,
            FunctionName = name,
            AllowsSeveralCalls = options?.AllowMultipleToolCalls ?? true,
            Format = format,
        };
    }

    private static ChatTool ToTool(AITool tool) => tool is AIFunctionDeclaration function
        ? new(ToolFields.CheckName(function.Name, "Tools"), function.Description, function.JsonSchema)
        : throw new NotSupportedException($"This engine calls functions only; Tools holds {tool.GetType().Name}.");
}
