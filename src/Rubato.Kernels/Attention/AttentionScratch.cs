using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Attention;

/// <summary>Scratch memory of one worker for query vectors that read the same keys and values, so that these are converted once for all.</summary>
internal readonly unsafe struct AttentionScratch
{
    /// <summary>Most query vectors at a time: a whole number of tiles.</summary>
    public const int Vectors = 32;

    /// <summary>Query vectors whose sums of values stay in registers together.</summary>
    public const int TileVectors = 4;

    public AttentionScratch(float* memory, int headStride, int blockTokens, int positionsMax)
    {
        Queries = memory;
        Output = Queries + (Vectors * headStride);
        Rows = Output + (Vectors * headStride);
        Scores = Rows + (blockTokens * headStride);
        ScoreStride = Lanes.Pad(positionsMax);
    }

    /// <summary>Queries, padded: [vectors, padded head].</summary>
    public readonly float* Queries;

    /// <summary>Sums of values: [vectors, padded head].</summary>
    public readonly float* Output;

    /// <summary>Keys or values of one block as floats, when the cache holds another form: [position, padded head].</summary>
    public readonly float* Rows;

    /// <summary>Scores, then softmax numerators: [vectors, <see cref="ScoreStride"/>].</summary>
    public readonly float* Scores;

    public readonly int ScoreStride;

    /// <summary>The scores of a vector.</summary>
    public float* ScoresOf(int vector) => Scores + ((nint)vector * ScoreStride);

    /// <summary>Size in floats.</summary>
    public static int Floats(KvShape shape, int positionsMax) =>
        checked((((2 * Vectors) + shape.BlockTokens) * shape.HeadStride) + (Vectors * Lanes.Pad(positionsMax)));
}
