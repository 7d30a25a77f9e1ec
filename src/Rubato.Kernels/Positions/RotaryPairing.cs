namespace Rubato.Kernels.Positions;

/// <summary>Which two numbers of a head turn together.</summary>
public enum RotaryPairing
{
    /// <summary>Neighbours: 2i and 2i + 1. GGUF files of the architecture "llama".</summary>
    Neighbours,

    /// <summary>One of each half: i and i + dimensions / 2. Checkpoints of Hugging Face, and GGUF files of most other architectures.</summary>
    Halves,
}
