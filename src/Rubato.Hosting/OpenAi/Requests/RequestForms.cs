namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>Which fields about the form of its answers a route takes.</summary>
[Flags]
internal enum RequestForms
{
    /// <summary>None: text only.</summary>
    None = 0,

    /// <summary><c>response_format</c>.</summary>
    ResponseFormat = 1,

    /// <summary><c>tools</c> and <c>tool_choice</c>.</summary>
    Tools = 2,
}
