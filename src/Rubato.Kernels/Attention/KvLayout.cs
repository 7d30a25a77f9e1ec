namespace Rubato.Kernels.Attention;

/// <summary>How the blocks of a cache lie in memory. Kernels run over both; moving a block takes one copy or two per layer.</summary>
public enum KvLayout
{
    /// <summary>A block is contiguous: all its layers adjacent.</summary>
    BlockMajor,

    /// <summary>An array of blocks for the keys and one for the values of each layer, as paged engines on GPUs began.</summary>
    LayerMajor,
}
