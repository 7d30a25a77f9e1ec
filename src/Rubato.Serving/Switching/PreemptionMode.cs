namespace Rubato.Serving.Switching;

/// <summary>What becomes of the keys and values of a sequence that must leave the device.</summary>
public enum PreemptionMode
{
    /// <summary>They are forgotten, and computed again when it is its turn; what the prefix cache still has is not.</summary>
    Recompute,

    /// <summary>They are copied to the swap arena, and back.</summary>
    Swap,
}
