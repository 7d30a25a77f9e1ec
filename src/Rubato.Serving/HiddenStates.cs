namespace Rubato.Serving;

/// <summary>Hidden states that a slice gave.</summary>
/// <param name="Request">Whose.</param>
/// <param name="Position">Position of the first of them in the sequence; the others follow it.</param>
/// <param name="Width">Numbers in one state.</param>
/// <param name="Values">The states, one after the other.</param>
public sealed record HiddenStates(RequestId Request, int Position, int Width, ReadOnlyMemory<float> Values)
{
    /// <summary>How many.</summary>
    public int Count => Values.Length / Width;
}
