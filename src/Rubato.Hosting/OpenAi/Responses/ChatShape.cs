using System.Text;
using System.Text.Json;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Output;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>Choices of chat completions: messages, and deltas of messages, with the functions that they call.</summary>
/// <param name="logProbabilities">Null for none.</param>
/// <param name="form">How calls are found in the answers.</param>
/// <param name="ids">Names the calls.</param>
internal sealed class ChatShape(LogProbabilityWriter? logProbabilities, OutputForm form, ResponseIds ids) : IResponseShape
{
    private readonly Dictionary<int, ToolCallEvents> _events = [];

    public ReadOnlySpan<byte> WholeObject => "chat.completion"u8;

    public ReadOnlySpan<byte> ChunkObject => "chat.completion.chunk"u8;

    public IEnumerable<GenerationEvent> Split(GenerationEvent next)
    {
        if (form.Calls is null)
        {
            return [next];
        }

        if (!_events.TryGetValue(next.Sequence, out var events))
        {
            events = new(form.NewReader()!);
            _events.Add(next.Sequence, events);
        }

        // What only holds the tokens of text that is not written is of use where log-probabilities are asked for.
        return events.Split(next).Where(part => logProbabilities is not null || part.Text.Length > 0 || part.Call is not null || part.End is not null || part.Tokens.IsEmpty);
    }

    public void WriteWhole(Utf8JsonWriter json, ChoiceText choice)
    {
        var (content, calls) = ReadWhole(choice);
        json.WriteStartObject();
        json.WriteNumber("index"u8, choice.Index);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, content.Length == 0 && calls.Count > 0 ? null : content);
        json.WriteNull("refusal"u8);
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var (name, arguments) in calls)
            {
                json.WriteStartObject();
                WriteCallHead(json, name, arguments.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        WriteLogProbabilities(json, choice.Tokens);
        FinishReasons.Write(json, choice.End, calls.Count > 0);
        json.WriteEndObject();
    }

    public void WriteChunk(Utf8JsonWriter json, GenerationEvent next, int textBefore, bool isFirst)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, next.Sequence);
        json.WriteStartObject("delta"u8);
        if (isFirst)
        {
            json.WriteString("role"u8, "assistant"u8);
        }

        if (next.Text.Length > 0 || (isFirst && next.Call is null))
        {
            json.WriteString("content"u8, next.Text.Length == 0 && form.Calls is not null ? null : next.Text);
        }

        if (next.Call is { } call)
        {
            WriteCall(json, call);
        }

        json.WriteEndObject();
        WriteLogProbabilities(json, next.Tokens);
        FinishReasons.Write(json, next.End, _events.GetValueOrDefault(next.Sequence)?.HasCalls == true);
        json.WriteEndObject();
    }

    private (string Content, List<(string Name, StringBuilder Arguments)> Calls) ReadWhole(ChoiceText choice)
    {
        var calls = new List<(string Name, StringBuilder Arguments)>();
        if (form.NewReader() is not { } reader)
        {
            return (choice.Text, calls);
        }

        var (content, deltas) = reader.Append(choice.Text);
        foreach (var delta in deltas)
        {
            if (delta.Name is { } name)
            {
                calls.Add((name, new StringBuilder()));
            }

            calls[delta.Index].Arguments.Append(delta.Arguments);
        }

        return (content + reader.Flush(), calls);
    }

    private void WriteCall(Utf8JsonWriter json, ToolCallDelta call)
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, call.Index);
        if (call.Name is { } name)
        {
            WriteCallHead(json, name, call.Arguments);
        }
        else
        {
            json.WriteStartObject("function"u8);
            json.WriteString("arguments"u8, call.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteCallHead(Utf8JsonWriter json, string name, string arguments)
    {
        json.WriteString("id"u8, ids.NewCallId());
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, name);
        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
    }

    private void WriteLogProbabilities(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        if (logProbabilities is null)
        {
            json.WriteNull("logprobs"u8);
        }
        else
        {
            logProbabilities.WriteChat(json, tokens);
        }
    }
}
