namespace Rubato.Serving.Switching;

/// <summary>Whether steps wait for the transfers of a switch.</summary>
public enum SwitchTiming
{
    /// <summary>Always: no step runs while blocks move for somebody who waits.</summary>
    Synchronous,

    /// <summary>Never: whoever has its blocks runs on, the others join when theirs have come.</summary>
    Asynchronous,

    /// <summary>Whichever costs fewer request-seconds of waiting, by <see cref="SwitchRule"/>.</summary>
    Adaptive,
}
