namespace Rubato.Kernels.Memory;

/// <summary>Where the blocks of an arena lie: planes one behind the other, in each of them one piece of every block, at equal distances.</summary>
/// <remarks>
/// One plane: a block is contiguous, all its layers adjacent. Several: a block is cut into as many pieces, and moving it takes as many
/// copies. The distance of neighbours is a multiple of <see cref="Alignment"/>, so that a file opened for direct I/O can address each piece.
/// </remarks>
/// <param name="Planes">Pieces of a block; at least 1.</param>
/// <param name="Blocks">Blocks in the arena; at least 1.</param>
/// <param name="PieceBytes">Bytes of one piece without what pads it; at least 1.</param>
public readonly record struct BlockGeometry(int Planes, int Blocks, long PieceBytes)
{
    /// <summary>What offsets and distances of pieces are multiples of, in bytes.</summary>
    public const int Alignment = 4096;

    /// <summary>Distance of a piece from that of the next block in the same plane, in bytes.</summary>
    public long Stride => checked(PieceBytes + Alignment - 1) & -Alignment;

    /// <summary>Distance of a plane from the next, in bytes.</summary>
    public long PlaneBytes => checked(Stride * Blocks);

    /// <summary>Bytes of the whole arena.</summary>
    public long Bytes => checked(PlaneBytes * Planes);

    /// <summary>Bytes that a block takes over all planes, with what pads it.</summary>
    public long BlockBytes => checked(Stride * Planes);

    /// <summary>Bytes of a block that mean something: without padding.</summary>
    public long BlockPayloadBytes => checked(PieceBytes * Planes);

    /// <summary>Where a piece begins, in bytes from the start of the arena. Nothing is checked.</summary>
    public long Offset(int plane, int block) => (plane * PlaneBytes) + (block * Stride);
}
