using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>A range of panels times all rows of activations.</summary>
internal readonly unsafe struct PanelProduct(
    PanelView weights, int begin, int end, ActivationBlocks x, int tokens, float* y, int yStride, bool add) : IPanelAction<bool>
{
    // A block of activations stays in the second-level cache while the panels pass by.
    private const int TokenBlockBytes = 256 * 1024;
    private const int TileTokens = 4;

    // With more tokens the arithmetic takes longer than the next panel takes to arrive by itself.
    private const int PrefetchTokensMax = 16;

    /// <summary>Multiplies outputs [begin, end); both are multiples of the panel rows, or the end of the matrix.</summary>
    public static void Multiply(
        PanelView weights, int begin, int end, ActivationBlocks x, int tokens, float* y, int yStride, bool add) =>
        PanelFormatTable.Run<PanelProduct, bool>(weights.Format, new(weights, begin, end, x, tokens, y, yStride, add));

    public bool Run<TFormat>()
        where TFormat : struct, IPanelFormat
    {
        switch (weights.Width)
        {
            case VectorWidth.Bits512 when weights.Layout.Rows == Panel512.Rows:
                Multiply<Panel512, Vector512<byte>, TFormat>();
                break;
            case VectorWidth.Bits512 or VectorWidth.Bits256:
                Multiply<Panel256, Vector256<byte>, TFormat>();
                break;
            case VectorWidth.Bits128:
                Multiply<Panel128, Vector128<byte>, TFormat>();
                break;
            default:
                PanelDefinition.Multiply<TFormat>(weights, begin, end, x, tokens, y, yStride, add);
                break;
        }

        return true;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply<TSimd, TVector, TFormat>()
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
        where TFormat : IPanelFormat
    {
        var results = stackalloc float[TileTokens * Panel512.Rows];
        var blocks = weights.Inputs / TFormat.BlockLength;
        var layout = weights.Layout;
        var blockTokens = Math.Max(TokenBlockBytes / weights.Inputs, 16) & -TileTokens;
        for (var first = 0; first < tokens; first += blockTokens)
        {
            var last = Math.Min(first + blockTokens, tokens);
            for (var output = begin; output < end; output += TSimd.Rows)
            {
                var panel = weights.Panel(output / TSimd.Rows);
                var outputs = Math.Min(TSimd.Rows, end - output);
                for (var token = first; token < last; token += TileTokens)
                {
                    var rows = Math.Min(TileTokens, last - token);
                    var prefetch = token == first && last - first <= PrefetchTokensMax;
                    switch (rows)
                    {
                        case 1:
                            PanelTile.Multiply<TSimd, TVector, TFormat, OneRow>(panel, layout, blocks, x, token, results, prefetch);
                            break;
                        case 2:
                            PanelTile.Multiply<TSimd, TVector, TFormat, TwoRows>(panel, layout, blocks, x, token, results, prefetch);
                            break;
                        case 3:
                            PanelTile.Multiply<TSimd, TVector, TFormat, ThreeRows>(panel, layout, blocks, x, token, results, prefetch);
                            break;
                        default:
                            PanelTile.Multiply<TSimd, TVector, TFormat, FourRows>(panel, layout, blocks, x, token, results, prefetch);
                            break;
                    }

                    for (var row = 0; row < rows; row++)
                    {
                        Store<TSimd, TVector>(results + (row * TSimd.Rows), y + ((nint)(token + row) * yStride) + output, outputs);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<TSimd, TVector>(float* results, float* target, int outputs)
        where TSimd : IPanelSimd<TVector>
        where TVector : struct
    {
        if (outputs == TSimd.Rows)
        {
            var values = TSimd.LoadFloats(results);
            TSimd.StoreFloats(target, add ? TSimd.AddFloats(TSimd.LoadFloats(target), values) : values);
            return;
        }

        for (var i = 0; i < outputs; i++)
        {
            target[i] = add ? target[i] + results[i] : results[i];
        }
    }
}
