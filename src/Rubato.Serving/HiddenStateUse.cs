namespace Rubato.Serving;

/// <summary>Whether a request wants the model's hidden states (after the last norm) in place of generated tokens, and of which tokens.</summary>
public enum HiddenStateUse
{
    /// <summary>None: the request generates text.</summary>
    None,

    /// <summary>Of the last token of the prompt.</summary>
    Last,

    /// <summary>Of every token of the prompt: none may be skipped, whatever is known of its keys and values.</summary>
    All,
}
