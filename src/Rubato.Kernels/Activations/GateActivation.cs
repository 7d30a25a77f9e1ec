namespace Rubato.Kernels.Activations;

/// <summary>What is done to the gate of a gated feed-forward layer before it multiplies the values.</summary>
public enum GateActivation
{
    /// <summary>silu(g) = g / (1 + e⁻ᵍ): SwiGLU.</summary>
    Silu,

    /// <summary>gelu(g) ≈ g / 2 · (1 + tanh(√(2/π) · (g + 0.044715 · g³))): GeGLU.</summary>
    Gelu,
}
