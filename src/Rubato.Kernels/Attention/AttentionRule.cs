namespace Rubato.Kernels.Attention;

/// <summary>How the products of a query with the keys become weights of a softmax, and which keys a query sees.</summary>
/// <param name="Scale">Multiplies the products; above 0.</param>
/// <param name="SoftCap">Scores s become c · tanh(s / c), so that none is larger than c; 0: none.</param>
/// <param name="Window">A query sees its own position and the window − 1 before it; 0: all before it.</param>
public readonly record struct AttentionRule(float Scale, float SoftCap = 0, int Window = 0)
{
    /// <summary>The scale 1 / √d, and nothing else.</summary>
    public static AttentionRule Plain(int headDimension) => new(1 / MathF.Sqrt(headDimension));
}
