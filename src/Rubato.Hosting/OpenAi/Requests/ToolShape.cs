namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>Where a route has the name and the parameters of a function.</summary>
internal enum ToolShape
{
    /// <summary>In the member <c>function</c> of a tool: chat completions.</summary>
    Chat,

    /// <summary>In the tool itself: responses.</summary>
    Responses,
}
