namespace Rubato.Kernels.Quantized;

/// <summary>The layout of one block format: how to read one number, which is the definition, and how to take a block apart at once.</summary>
/// <remarks>
/// Both give the same bits: the product of scales and code is exact in single precision (11 + 8 + 5 significant bits at most), so
/// a number is rounded once, when an offset is added.
/// </remarks>
internal unsafe interface IBlockFormat
{
    /// <summary>Numbers in a block: 32 or 256.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes in a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Numbers that share scale and offset: 16 or 32.</summary>
    static abstract int GroupLength { get; }

    /// <summary>Whether numbers have an offset.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>Number <paramref name="index"/> of the block.</summary>
    static abstract float Read(byte* block, int index);

    /// <summary>Takes the block apart: number i of group g is scales[g] · codes[i] + offsets[g].</summary>
    /// <param name="block">The block.</param>
    /// <param name="codes">Takes one signed byte for each number.</param>
    /// <param name="scales">Takes one scale for each group.</param>
    /// <param name="offsets">Takes one offset for each group when there are offsets.</param>
    static abstract void Unpack(byte* block, sbyte* codes, float* scales, float* offsets);
}
