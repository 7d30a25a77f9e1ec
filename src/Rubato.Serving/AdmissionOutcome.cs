namespace Rubato.Serving;

/// <summary>What became of a request at the door. Refusals are values, not exceptions.</summary>
public enum AdmissionOutcome
{
    /// <summary>Queued; it will end with a <see cref="FinishedRequest"/>.</summary>
    Admitted,

    /// <summary>The waiting queue is at its limit: try again later.</summary>
    QueueFull,

    /// <summary>The prompt has no token.</summary>
    EmptyPrompt,

    /// <summary>Prompt plus output cannot fit the context length.</summary>
    PromptTooLong,

    /// <summary>Prompt plus output can never fit the whole KV pool.</summary>
    ExceedsMemory,

    /// <summary>The limit on generated tokens is below one, or is not 0 for a request that wants hidden states.</summary>
    InvalidOutputLimit,

    /// <summary>A request with the same identity is alive.</summary>
    DuplicateId,

    /// <summary>The scheduler takes no more requests.</summary>
    ShuttingDown,
}
