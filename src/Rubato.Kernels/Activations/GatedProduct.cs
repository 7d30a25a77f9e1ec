using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Activations;

/// <summary>The gate of a gated feed-forward layer: y = activation(gate) · up.</summary>
/// <remarks>Source: Shazeer, "GLU Variants Improve Transformer", 2020.</remarks>
public static unsafe class GatedProduct
{
    private const int NumbersPerItem = 8 * 1024;

    /// <summary>Applies the gate to each row.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="activation">What is done to the gates.</param>
    /// <param name="gateAndUp">[rows, 2 · columns]: each row holds the gates, then the values.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Numbers in a row of the output.</param>
    /// <param name="y">Output, [rows, columns].</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Apply(
        WorkerGang gang, GateActivation activation, ReadOnlySpan<float> gateAndUp, int rows, int columns, Span<float> y) =>
        Apply(gang, activation, gateAndUp, rows, columns, y, VectorSupport.Widest);

    internal static void Apply(
        WorkerGang gang, GateActivation activation, ReadOnlySpan<float> gateAndUp, int rows, int columns, Span<float> y, VectorWidth width)
    {
        if (gateAndUp.Length / 2 < (long)rows * columns || y.Length < (long)rows * columns)
        {
            throw new ArgumentException($"{rows} rows of 2 × {columns} numbers do not fit in {gateAndUp.Length} and {y.Length}.");
        }

        fixed (float* source = gateAndUp, target = y)
        {
            var rowsPerItem = Math.Max(NumbersPerItem / Math.Max(columns, 1), 1);
            var items = (rows + rowsPerItem - 1) / rowsPerItem;
            if (activation == GateActivation.Gelu)
            {
                var gelu = new Work<GeluGate>(source, target, rows, columns, rowsPerItem, width);
                gang.Run(ref gelu, items);
            }
            else
            {
                var silu = new Work<SiluGate>(source, target, rows, columns, rowsPerItem, width);
                gang.Run(ref silu, items);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyVector<TGate, TSimd, TVector>(float* gate, float* up, int columns, float* y)
        where TGate : IGate
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= columns - TSimd.Count; i += TSimd.Count)
        {
            TSimd.Store(y + i, TSimd.Multiply(TGate.Apply<TSimd, TVector>(TSimd.Load(gate + i)), TSimd.Load(up + i)));
        }

        ApplyScalar<TGate>(gate, up, i, columns, y);
    }

    /// <summary>The definition.</summary>
    private static void ApplyScalar<TGate>(float* gate, float* up, int start, int columns, float* y)
        where TGate : IGate
    {
        for (var i = start; i < columns; i++)
        {
            y[i] = TGate.Apply(gate[i]) * up[i];
        }
    }

    private readonly struct Work<TGate>(float* source, float* target, int rows, int columns, int rowsPerItem, VectorWidth width) : IGangWork
        where TGate : struct, IGate
    {
        public void Execute(int item, int worker)
        {
            for (var row = item * rowsPerItem; row < Math.Min((item + 1) * rowsPerItem, rows); row++)
            {
                var gate = source + ((nint)row * 2 * columns);
                var y = target + ((nint)row * columns);
                switch (width)
                {
                    case VectorWidth.Bits512:
                        ApplyVector<TGate, Simd512, Vector512<float>>(gate, gate + columns, columns, y);
                        break;
                    case VectorWidth.Bits256:
                        ApplyVector<TGate, Simd256, Vector256<float>>(gate, gate + columns, columns, y);
                        break;
                    case VectorWidth.Bits128:
                        ApplyVector<TGate, Simd128, Vector128<float>>(gate, gate + columns, columns, y);
                        break;
                    default:
                        ApplyScalar<TGate>(gate, gate + columns, 0, columns, y);
                        break;
                }
            }
        }
    }
}
