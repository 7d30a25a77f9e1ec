namespace Rubato.Kernels.Panels;

/// <summary>
/// How one block format lies in panels, and what its numbers mean: number i of group g of a block is
/// d · s[g] · (q[i] − bias) + m · t[g], with whole s, t (1 where the format has no factors) and codes q.
/// </summary>
internal unsafe interface IPanelFormat
{
    /// <summary>Numbers that share d and m: 32 or 256. Activations get one scale for as many.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Numbers that share the factors s and t: 16 or 32.</summary>
    static abstract int GroupLength { get; }

    /// <summary>Bits of a code: 2, 3, 4, 5, 6 or 8.</summary>
    static abstract int CodeBits { get; }

    /// <summary>Binary logarithm of what codes are too large by; 0 where they are not.</summary>
    static abstract int BiasShift { get; }

    /// <summary>How factors lie in memory.</summary>
    static abstract PanelFactors Factors { get; }

    /// <summary>Whether there are m (and t).</summary>
    static abstract bool HasOffset { get; }

    /// <summary>Whether codes choose among the levels of IQ4_NL.</summary>
    static abstract bool HasLevels { get; }

    /// <summary>Takes a block of the file apart.</summary>
    static abstract void Take(byte* block, PanelBlock* parts);
}

/// <summary>How the whole factors of groups lie in panels.</summary>
internal enum PanelFactors
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>s as signed bytes.</summary>
    Signed,

    /// <summary>s as unsigned bytes, then t as unsigned bytes.</summary>
    Pairs,

    /// <summary>s in the low and t in the high half of a byte.</summary>
    Nibbles,
}

/// <summary>The parts of one block of one row.</summary>
internal unsafe struct PanelBlock
{
    /// <summary>Codes, never negative.</summary>
    public fixed byte Codes[256];

    /// <summary>Bytes of factors, for each group.</summary>
    public fixed byte Factors[16];

    /// <summary>Bytes of the factors t where they have bytes of their own.</summary>
    public fixed byte OffsetFactors[16];

    /// <summary>d in half precision.</summary>
    public ushort Scale;

    /// <summary>m in half precision.</summary>
    public ushort Offset;
}
