namespace Rubato.Kernels.Panels;

/// <summary>
/// The operations that products of panels need, of one vector width. One type stands for vectors of bytes, whole numbers and floats
/// alike; names say how an operation reads it. Implementations are stateless; the JIT inlines them into generic kernels.
/// </summary>
/// <typeparam name="TVector">A vector of bytes.</typeparam>
internal unsafe interface IPanelSimd<TVector>
    where TVector : struct
{
    /// <summary>Rows in a panel, one to each 32-bit lane: 4, 8 or 16.</summary>
    static abstract int Rows { get; }

    /// <summary>Whether <see cref="Accumulate"/> sums pairs in 16 bits, so that sums must be widened before they overflow.</summary>
    static abstract bool SumsInShorts { get; }

    static abstract TVector Load(byte* source);

    static abstract TVector Broadcast(byte value);

    static abstract TVector Broadcast(float value);

    /// <summary>Four bytes into every lane.</summary>
    static abstract TVector BroadcastQuad(sbyte* source);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    /// <summary>Shifts lanes of 16 bits; bits cross from byte to byte within a lane.</summary>
    static abstract TVector ShiftRight(TVector value, int count);

    /// <summary>Shifts lanes of 16 bits; bits cross from byte to byte within a lane.</summary>
    static abstract TVector ShiftLeft(TVector value, int count);

    /// <summary>Adds the products of four codes of at most six bits with four signed bytes to each lane, in the form that <see cref="SumsInShorts"/> says.</summary>
    static abstract TVector Accumulate(TVector sums, TVector codes, TVector x);

    /// <summary>Sums of <see cref="Accumulate"/> as one 32-bit number in each lane.</summary>
    static abstract TVector Widen(TVector sums);

    /// <summary>Adds the products of four signed bytes, stored with 128 added, with four signed bytes of −127 … 127 to each 32-bit lane.</summary>
    static abstract TVector AccumulateBytes(TVector sums, TVector biased, TVector x);

    /// <summary>What <see cref="AccumulateBytes"/> leaves too much: the sum of x times 128, or nothing.</summary>
    static abstract bool LeavesBias { get; }

    /// <summary>The byte of a table of 16 that each code of four bits chooses.</summary>
    static abstract TVector Lookup(TVector table, TVector codes);

    /// <summary>16 bytes, repeated through the vector.</summary>
    static abstract TVector Table(ReadOnlySpan<byte> bytes);

    static abstract TVector AddInts(TVector a, TVector b);

    static abstract TVector SubtractInts(TVector a, TVector b);

    static abstract TVector MultiplyInts(TVector a, TVector b);

    static abstract TVector ShiftLeftInts(TVector value, int count);

    /// <summary>A 32-bit number into every lane.</summary>
    static abstract TVector BroadcastInt(int* source);

    /// <summary>Reads <see cref="Rows"/> unsigned bytes as 32-bit numbers.</summary>
    static abstract TVector LoadBytes(byte* source);

    /// <summary>Reads <see cref="Rows"/> signed bytes as 32-bit numbers.</summary>
    static abstract TVector LoadSignedBytes(byte* source);

    /// <summary>Reads <see cref="Rows"/> finite half-precision numbers as floats; exact.</summary>
    static abstract TVector LoadHalves(byte* source);

    /// <summary>Rounds 32-bit numbers to floats.</summary>
    static abstract TVector ToFloats(TVector ints);

    static abstract TVector LoadFloats(float* source);

    static abstract void StoreFloats(float* target, TVector value);

    static abstract TVector AddFloats(TVector a, TVector b);

    static abstract TVector MultiplyFloats(TVector a, TVector b);

    /// <summary>a · b + c in floats, rounded as <see cref="Simd.Fused"/> says.</summary>
    static abstract TVector MultiplyAddFloats(TVector a, TVector b, TVector c);
}
