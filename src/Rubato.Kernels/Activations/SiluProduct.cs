using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Activations;

/// <summary>The gate of SwiGLU: y = silu(gate) · up with silu(g) = g / (1 + e⁻ᵍ).</summary>
/// <remarks>Source: Shazeer, "GLU Variants Improve Transformer", 2020.</remarks>
public static unsafe class SiluProduct
{
    private const int NumbersPerItem = 8 * 1024;

    /// <summary>Applies the gate to each row.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="gateAndUp">[rows, 2 · columns]: each row holds the gates, then the values.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Numbers in a row of the output.</param>
    /// <param name="y">Output, [rows, columns].</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Apply(WorkerGang gang, ReadOnlySpan<float> gateAndUp, int rows, int columns, Span<float> y) =>
        Apply(gang, gateAndUp, rows, columns, y, VectorSupport.Widest);

    internal static void Apply(
        WorkerGang gang, ReadOnlySpan<float> gateAndUp, int rows, int columns, Span<float> y, VectorWidth width)
    {
        if (gateAndUp.Length / 2 < (long)rows * columns || y.Length < (long)rows * columns)
        {
            throw new ArgumentException($"{rows} rows of 2 × {columns} numbers do not fit in {gateAndUp.Length} and {y.Length}.");
        }

        fixed (float* source = gateAndUp, target = y)
        {
            var rowsPerItem = Math.Max(NumbersPerItem / Math.Max(columns, 1), 1);
            var work = new Work(source, target, rows, columns, rowsPerItem, width);
            gang.Run(ref work, (rows + rowsPerItem - 1) / rowsPerItem);
        }
    }

    /// <summary>The definition.</summary>
    private static float SiluTimes(float gate, float up) => gate / (1 + Exponential.Exp(-gate)) * up;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyVector<TSimd, TVector>(float* gate, float* up, int columns, float* y)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= columns - TSimd.Count; i += TSimd.Count)
        {
            var g = TSimd.Load(gate + i);
            var exponential = Exponential.Exp<TSimd, TVector>(TSimd.Multiply(g, TSimd.Broadcast(-1)));
            var silu = TSimd.Divide(g, TSimd.Add(TSimd.Broadcast(1), exponential));
            TSimd.Store(y + i, TSimd.Multiply(silu, TSimd.Load(up + i)));
        }

        ApplyScalar(gate, up, i, columns, y);
    }

    private static void ApplyScalar(float* gate, float* up, int start, int columns, float* y)
    {
        for (var i = start; i < columns; i++)
        {
            y[i] = SiluTimes(gate[i], up[i]);
        }
    }

    private readonly struct Work(float* source, float* target, int rows, int columns, int rowsPerItem, VectorWidth width) : IGangWork
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
                        ApplyVector<Simd512, Vector512<float>>(gate, gate + columns, columns, y);
                        break;
                    case VectorWidth.Bits256:
                        ApplyVector<Simd256, Vector256<float>>(gate, gate + columns, columns, y);
                        break;
                    case VectorWidth.Bits128:
                        ApplyVector<Simd128, Vector128<float>>(gate, gate + columns, columns, y);
                        break;
                    default:
                        ApplyScalar(gate, gate + columns, 0, columns, y);
                        break;
                }
            }
        }
    }
}
