namespace Rubato.Serving;

/// <summary>Why a request ended.</summary>
public enum FinishReason
{
    /// <summary>A stop token, or the host found a stop string; or the hidden states that the request wanted are all there.</summary>
    Stop,

    /// <summary>The limit on generated tokens was reached.</summary>
    Length,

    /// <summary>The host cancelled it (the client left, a deadline passed, the server stops).</summary>
    Cancelled,
}
