using Rubato.Core;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>
/// Where the parts of a quantised matrix lie when its rows are packed in panels of 4, 8 or 16, one row to each 32-bit lane of a vector.
/// </summary>
/// <remarks>
/// A panel holds the heads of all its blocks (d of every row, m, then the factors of each group, row by row), filled up to 64 bytes, then
/// the codes of each 32 columns: a vector of four columns by the panel's rows for every bit plane of the codes (<see cref="PanelCodes"/>).
/// Rows that are not there are zeros.
/// </remarks>
internal readonly record struct PanelLayout
{
    /// <summary>Bytes that panels begin at a multiple of.</summary>
    public const int Alignment = 64;

    private PanelLayout(int rows, int headBytes, int chunkBytes, int blocks, int chunks)
    {
        Rows = rows;
        HeadBytes = headBytes;
        ChunkBytes = chunkBytes;
        CodesStart = Align((long)blocks * headBytes);
        PanelBytes = Align(CodesStart + ((long)chunks * chunkBytes));
    }

    /// <summary>Rows in a panel.</summary>
    public int Rows { get; }

    /// <summary>Bytes of the head of a block.</summary>
    public int HeadBytes { get; }

    /// <summary>Bytes of the codes of 32 columns.</summary>
    public int ChunkBytes { get; }

    /// <summary>Where the codes of a panel begin.</summary>
    public long CodesStart { get; }

    /// <summary>Bytes of a panel.</summary>
    public long PanelBytes { get; }

    /// <summary>The layout for rows of <paramref name="inputs"/> numbers and vectors of a width.</summary>
    public static PanelLayout Of<TFormat>(int inputs, VectorWidth width)
        where TFormat : IPanelFormat
    {
        Check.Invariant(inputs > 0 && inputs % TFormat.BlockLength == 0, $"{inputs} inputs in blocks of {TFormat.BlockLength}");
        var rows = Lanes<TFormat>(width);
        var groups = TFormat.BlockLength / TFormat.GroupLength;
        var factors = TFormat.Factors switch
        {
            PanelFactors.None => 0,
            PanelFactors.Pairs => 2 * groups,
            _ => groups,
        };
        var head = rows * ((TFormat.HasOffset ? 4 : 2) + factors);
        return new(rows, head, 4 * rows * TFormat.CodeBits, inputs / TFormat.BlockLength, inputs / 32);
    }

    /// <summary>
    /// Rows in a panel. Products of whole bytes need four-fold products, which .NET has for 256 bits only: they never use wider panels.
    /// </summary>
    public static int Lanes<TFormat>(VectorWidth width)
        where TFormat : IPanelFormat => width switch
        {
            VectorWidth.Bits512 => TFormat.CodeBits == 8 || TFormat.HasLevels ? Panel256.Rows : Panel512.Rows,
            VectorWidth.Bits256 => Panel256.Rows,
            _ => Panel128.Rows,
        };

    /// <summary>Panels of a matrix.</summary>
    public long Panels(int outputs) => ((outputs - 1) / Rows) + 1;

    private static long Align(long bytes) => (bytes + (Alignment - 1)) & -Alignment;
}
