namespace Rubato.Serving;

/// <summary>What becomes of admitted requests when a scheduler shuts down. New ones are refused either way.</summary>
public enum ShutdownMode
{
    /// <summary>They run to their end.</summary>
    FinishAdmitted,

    /// <summary>They are cancelled: free at once, or at the completion of the outstanding plan.</summary>
    CancelAdmitted,
}
