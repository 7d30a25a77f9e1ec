namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>Chooses the scales and codes of one block.</summary>
internal interface IBlockEncoder
{
    /// <summary>Writes the block that stands for <paramref name="values"/>.</summary>
    /// <param name="values">As many finite numbers as the block holds.</param>
    /// <param name="block">As many bytes as the block has; may hold anything before.</param>
    /// <exception cref="Core.RubatoException">The numbers are too large for the block's scale.</exception>
    static abstract void Encode(ReadOnlySpan<float> values, Span<byte> block);
}
