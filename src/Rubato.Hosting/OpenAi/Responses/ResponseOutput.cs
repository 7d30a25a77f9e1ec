using Rubato.Hosting.Engine;
using Rubato.Hosting.Output;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>The output of a response as it grows: at most one message, then calls of functions.</summary>
internal sealed class ResponseOutput
{
    private readonly ToolCallEvents? _calls;
    private readonly ResponseIds _ids;
    private readonly List<ResponseItem> _items = [];

    /// <param name="form">How calls are found in the answer.</param>
    /// <param name="ids">Names the items.</param>
    public ResponseOutput(OutputForm form, ResponseIds ids)
    {
        _ids = ids;
        _calls = form.NewReader() is { } reader ? new(reader) : null;
        if (_calls is null)
        {
            _items.Add(new(ids, function: null)); // An answer that calls nothing is a message, be it empty.
        }
    }

    /// <summary>The items so far.</summary>
    public IReadOnlyList<ResponseItem> Items => _items;

    /// <summary>How the answer ended; null while it grows.</summary>
    public GenerationEnd? End { get; private set; }

    /// <summary>Takes in what the model generated.</summary>
    /// <returns>What the items gained, in order.</returns>
    public List<ResponseGain> Add(GenerationEvent next)
    {
        var gains = new List<ResponseGain>();
        foreach (var part in _calls is null ? [next] : _calls.Split(next))
        {
            if (part.Call is { } call)
            {
                AddCall(call, gains);
            }
            else if (part.Text.Length > 0)
            {
                AddText(part.Text, gains);
            }
        }

        if (next.End is { } end)
        {
            Finish(end, gains);
        }

        return gains;
    }

    /// <summary>Marks what grows as broken off.</summary>
    public void BreakOff() => Complete("incomplete", []);

    private void AddText(string text, List<ResponseGain> gains)
    {
        if (_items is not [.., { IsMessage: true }])
        {
            Begin(function: null, gains);
        }

        Gain(text, gains);
    }

    private void AddCall(ToolCallDelta call, List<ResponseGain> gains)
    {
        if (call.Name is { } name)
        {
            Complete("completed", gains);
            Begin(name, gains);
        }

        if (call.Arguments.Length > 0)
        {
            Gain(call.Arguments, gains);
        }

        if (call.IsComplete)
        {
            Complete("completed", gains);
        }
    }

    private void Finish(GenerationEnd end, List<ResponseGain> gains)
    {
        End = end;
        if (_items.Count == 0)
        {
            Begin(function: null, gains);
        }

        Complete(end.Reason == FinishReason.Length ? "incomplete" : "completed", gains);
    }

    private void Begin(string? function, List<ResponseGain> gains)
    {
        _items.Add(new(_ids, function));
        gains.Add(new(ResponseGainKind.Begin, _items.Count - 1, ""));
    }

    private void Gain(string text, List<ResponseGain> gains)
    {
        _items[^1].Add(text);
        gains.Add(new(ResponseGainKind.Text, _items.Count - 1, text));
    }

    /// <summary>Ends the item that grows, if there is one.</summary>
    private void Complete(string status, List<ResponseGain> gains)
    {
        if (_items is [.., { Status: "in_progress" } last])
        {
            last.Status = status;
            gains.Add(new(ResponseGainKind.End, _items.Count - 1, ""));
        }
    }
}

/// <summary>What happened to an item.</summary>
internal enum ResponseGainKind
{
    /// <summary>It is new.</summary>
    Begin,

    /// <summary>It has more text or arguments.</summary>
    Text,

    /// <summary>Nothing more comes.</summary>
    End,
}

/// <summary>One thing that happened to an item of a response.</summary>
/// <param name="Kind">What.</param>
/// <param name="Item">Index of the item.</param>
/// <param name="Text">The text that it gained.</param>
internal readonly record struct ResponseGain(ResponseGainKind Kind, int Item, string Text);
