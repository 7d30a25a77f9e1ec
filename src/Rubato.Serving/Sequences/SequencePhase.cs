namespace Rubato.Serving;

/// <summary>Where in its life an admitted request is.</summary>
public enum SequencePhase
{
    /// <summary>It holds no KV block and waits for admission to a step, for the first time or after a preemption.</summary>
    Waiting,

    /// <summary>It holds KV blocks: prefilling, decoding, or waiting for what of them is being brought in.</summary>
    Running,

    /// <summary>It was preempted and holds no KV block; its keys and values are in the swap arena, or on their way there.</summary>
    Swapped,

    /// <summary>It ended; the next completion reports it.</summary>
    Ended,
}
