using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.Chat;

/// <summary>The calls of one answer as contents of Microsoft.Extensions.AI: each comes when its arguments are whole.</summary>
internal sealed class ChatToolCalls(ToolCallReader reader, ResponseIds ids)
{
    private readonly ToolCallEvents _events = new(reader);
    private readonly StringBuilder _arguments = new();
    private string _name = "";

    public bool HasCalls => _events.HasCalls;

    public List<AIContent> Read(GenerationEvent next)
    {
        var contents = new List<AIContent>();
        foreach (var part in _events.Split(next))
        {
            if (part.Text.Length > 0)
            {
                contents.Add(new TextContent(part.Text));
            }

            if (part.Call is { } call)
            {
                _name = call.Name ?? _name;
                _arguments.Append(call.Arguments);
                if (call.IsComplete)
                {
                    contents.Add(FunctionCallContent.CreateFromParsedArguments(_arguments.ToString(), ids.NewCallId(), _name, Parse));
                    _arguments.Clear();
                }
            }
        }

        return contents;
    }

    private static Dictionary<string, object?> Parse(string arguments) =>
        JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments, AIJsonUtilities.DefaultOptions) ?? [];
}
