using System.Runtime.CompilerServices;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>One panel of weights times 1 … 4 rows of activations.</summary>
/// <remarks>
/// Sums within a block are whole numbers, thus exact, and blocks are added in order, each with one fused rounding for d and one for m: an
/// element has the same bits in every tile, at every vector width and for every number of threads.
/// </remarks>
internal static unsafe class PanelTile
{
    /// <summary>Multiplies; results of all rows of the panel go to <paramref name="results"/>, [tokens, panel rows].</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="layout">Where its parts lie.</param>
    /// <param name="blocks">Blocks in a row.</param>
    /// <param name="x">The activations.</param>
    /// <param name="token">The first of <c>TRows.Rows</c> rows of them.</param>
    /// <param name="results">Takes the results.</param>
    /// <param name="prefetch">Ask for codes ahead of their use: the panel comes from memory rather than from a cache.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TSimd, TVector, TFormat, TRows>(
        byte* panel, in PanelLayout layout, int blocks, in ActivationBlocks x, int token, float* results, bool prefetch)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat
        where TRows : ITileRows
    {
        var head = panel;
        var codes = panel + layout.CodesStart;
        var activations = x.Codes(token);
        var stride = (nint)blocks * TFormat.BlockLength;
        var scales = x.Scales(token);
        var sums = x.Sums(token);
        nint scaleStride = blocks;
        var groups = TFormat.BlockLength / TFormat.GroupLength;
        nint sumStride = (nint)blocks * groups;
        var zero = TSimd.Broadcast(0f);
        TVector r0 = zero, r1 = zero, r2 = zero, r3 = zero;
        for (var block = 0; block < blocks; block++)
        {
            TVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
            TVector o0 = zero, o1 = zero, o2 = zero, o3 = zero;
            var factors = head + ((TFormat.HasOffset ? 4 : 2) * TSimd.Rows);
            for (var group = 0; group < groups; group++)
            {
                if (prefetch)
                {
                    Prefetch.Lines(codes + Prefetch.Ahead, TFormat.GroupLength * TFormat.CodeBits * TSimd.Rows / 8);
                }

                TVector a0 = zero, a1 = zero, a2 = zero, a3 = zero;
                TVector w0 = zero, w1 = zero, w2 = zero, w3 = zero;
                for (var pair = 0; pair < TFormat.GroupLength / 8; pair++)
                {
                    // Two groups of 16 share their planes of codes.
                    var place = TFormat.GroupLength == 32 ? pair : (2 * (group % 2)) + pair;
                    PanelCodes.Read<TSimd, TVector, TFormat>(codes, place, out var first, out var second);
                    if (TFormat.HasLevels)
                    {
                        var levels = TSimd.Table(BiasedLevels);
                        first = TSimd.Lookup(levels, first);
                        second = TSimd.Lookup(levels, second);
                    }

                    a0 = Add<TSimd, TVector, TFormat>(a0, first, second, activations);
                    a1 = TRows.Rows > 1 ? Add<TSimd, TVector, TFormat>(a1, first, second, activations + stride) : a1;
                    a2 = TRows.Rows > 2 ? Add<TSimd, TVector, TFormat>(a2, first, second, activations + (2 * stride)) : a2;
                    a3 = TRows.Rows > 3 ? Add<TSimd, TVector, TFormat>(a3, first, second, activations + (3 * stride)) : a3;
                    activations += 8;
                    if (WidensEarly<TSimd, TVector, TFormat>() && (TFormat.CodeBits == 6 || pair % 2 == 1))
                    {
                        w0 = TSimd.AddInts(w0, TSimd.Widen(a0));
                        w1 = TRows.Rows > 1 ? TSimd.AddInts(w1, TSimd.Widen(a1)) : w1;
                        w2 = TRows.Rows > 2 ? TSimd.AddInts(w2, TSimd.Widen(a2)) : w2;
                        w3 = TRows.Rows > 3 ? TSimd.AddInts(w3, TSimd.Widen(a3)) : w3;
                        a0 = a1 = a2 = a3 = zero;
                    }
                }

                if (TFormat.GroupLength == 32 || group % 2 == 1)
                {
                    codes += layout.ChunkBytes;
                }

                TVector factor = zero, offsetFactor = zero;
                if (TFormat.Factors != PanelFactors.None)
                {
                    ReadFactors<TSimd, TVector, TFormat>(factors, group, out factor, out offsetFactor);
                }

                Close<TSimd, TVector, TFormat>(a0, w0, factor, offsetFactor, sums + group, ref s0, ref o0);
                if (TRows.Rows > 1)
                {
                    Close<TSimd, TVector, TFormat>(a1, w1, factor, offsetFactor, sums + sumStride + group, ref s1, ref o1);
                }

                if (TRows.Rows > 2)
                {
                    Close<TSimd, TVector, TFormat>(a2, w2, factor, offsetFactor, sums + (2 * sumStride) + group, ref s2, ref o2);
                }

                if (TRows.Rows > 3)
                {
                    Close<TSimd, TVector, TFormat>(a3, w3, factor, offsetFactor, sums + (3 * sumStride) + group, ref s3, ref o3);
                }
            }

            var d = TSimd.LoadHalves(head);
            var m = TFormat.HasOffset ? TSimd.LoadHalves(head + (2 * TSimd.Rows)) : zero;
            r0 = Scale<TSimd, TVector, TFormat>(r0, s0, o0, d, m, scales[block]);
            r1 = TRows.Rows > 1 ? Scale<TSimd, TVector, TFormat>(r1, s1, o1, d, m, scales[scaleStride + block]) : r1;
            r2 = TRows.Rows > 2 ? Scale<TSimd, TVector, TFormat>(r2, s2, o2, d, m, scales[(2 * scaleStride) + block]) : r2;
            r3 = TRows.Rows > 3 ? Scale<TSimd, TVector, TFormat>(r3, s3, o3, d, m, scales[(3 * scaleStride) + block]) : r3;
            head += layout.HeadBytes;
            sums += groups;
        }

        TSimd.StoreFloats(results, r0);
        if (TRows.Rows > 1)
        {
            TSimd.StoreFloats(results + TSimd.Rows, r1);
        }

        if (TRows.Rows > 2)
        {
            TSimd.StoreFloats(results + (2 * TSimd.Rows), r2);
        }

        if (TRows.Rows > 3)
        {
            TSimd.StoreFloats(results + (3 * TSimd.Rows), r3);
        }
    }

    /// <summary>The levels of IQ4_NL with 128 added.</summary>
    private static ReadOnlySpan<byte> BiasedLevels => [1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241];

    /// <summary>Whether sums of a group do not fit in 16 bits: a pair of products is at most 2 · 127 times the largest code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool WidensEarly<TSimd, TVector, TFormat>()
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat => TSimd.SumsInShorts && TFormat.CodeBits is 5 or 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TSimd, TVector, TFormat>(TVector sums, TVector first, TVector second, sbyte* x)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat => TFormat.CodeBits == 8 || TFormat.HasLevels
        ? TSimd.AccumulateBytes(TSimd.AccumulateBytes(sums, first, TSimd.BroadcastQuad(x)), second, TSimd.BroadcastQuad(x + 4))
        : TSimd.Accumulate(TSimd.Accumulate(sums, first, TSimd.BroadcastQuad(x)), second, TSimd.BroadcastQuad(x + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadFactors<TSimd, TVector, TFormat>(byte* factors, int group, out TVector factor, out TVector offsetFactor)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat
    {
        var address = factors + (group * TSimd.Rows);
        switch (TFormat.Factors)
        {
            case PanelFactors.Signed:
                factor = TSimd.LoadSignedBytes(address);
                offsetFactor = factor;
                return;
            case PanelFactors.Pairs:
                factor = TSimd.LoadBytes(address);
                offsetFactor = TSimd.LoadBytes(address + (TFormat.BlockLength / TFormat.GroupLength * TSimd.Rows));
                return;
            default:
                var both = TSimd.LoadBytes(address);
                factor = TSimd.And(both, TSimd.Broadcast((byte)15));
                offsetFactor = TSimd.ShiftRight(both, 4);
                return;
        }
    }

    /// <summary>Adds the finished sum of a group to the sums of its block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Close<TSimd, TVector, TFormat>(
        TVector sums, TVector widened, TVector factor, TVector offsetFactor, int* activationSum, ref TVector block, ref TVector offset)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat
    {
        var bytes = TFormat.CodeBits == 8 || TFormat.HasLevels;
        var sum = bytes ? sums : WidensEarly<TSimd, TVector, TFormat>() ? widened : TSimd.Widen(sums);
        var bias = bytes ? (TSimd.LeavesBias ? 7 : 0) : TFormat.BiasShift;
        if (bias > 0)
        {
            sum = TSimd.SubtractInts(sum, TSimd.ShiftLeftInts(TSimd.BroadcastInt(activationSum), bias));
        }

        block = TFormat.Factors == PanelFactors.None ? sum : TSimd.AddInts(block, TSimd.MultiplyInts(factor, sum));
        if (TFormat.HasOffset)
        {
            offset = TFormat.Factors == PanelFactors.None
                ? TSimd.BroadcastInt(activationSum)
                : TSimd.AddInts(offset, TSimd.MultiplyInts(offsetFactor, TSimd.BroadcastInt(activationSum)));
        }
    }

    /// <summary>results + d · scale · block + m · scale · offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scale<TSimd, TVector, TFormat>(
        TVector results, TVector block, TVector offset, TVector d, TVector m, float scale)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat
    {
        var factor = TSimd.Broadcast(scale);
        results = TSimd.MultiplyAddFloats(TSimd.ToFloats(block), TSimd.MultiplyFloats(d, factor), results);
        return TFormat.HasOffset
            ? TSimd.MultiplyAddFloats(TSimd.ToFloats(offset), TSimd.MultiplyFloats(m, factor), results)
            : results;
    }
}
