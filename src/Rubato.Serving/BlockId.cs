namespace Rubato.Serving;

/// <summary>The index of one KV block (the keys and values of a fixed count of token positions, all layers) in the pool.</summary>
/// <param name="Value">0 … block count − 1.</param>
public readonly record struct BlockId(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"b{Value}";
}
