namespace Rubato.Serving;

/// <summary>Where in its life an admitted request is.</summary>
public enum SequencePhase
{
    /// <summary>It holds no KV block and waits for admission to a step, for the first time or after a preemption.</summary>
    Waiting,

    /// <summary>It holds KV blocks: prefilling or decoding.</summary>
    Running,

    /// <summary>It ended; the next completion reports it.</summary>
    Ended,
}
