using Rubato.Kernels.Panels;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>Activations times the transpose of weights: y[t, o] = Σᵢ x[t, i] · w[o, i].</summary>
/// <remarks>
/// Weights of every format are read as the floats that they stand for, so a product with a quantised matrix has the same bits as
/// the product with its dequantised form; unless the matrix is packed (<see cref="PackedWeights"/>): then activations are rounded to
/// signed bytes, and the product is several times as fast. Either way the bits of a row depend on that row and the weights only: not on
/// the other rows, the number of rows, the vector width or the number of threads.
/// </remarks>
public static unsafe class MatrixProduct
{
    /// <summary>Most matrices in one call.</summary>
    public const int MatricesMax = 3;

    /// <summary>Multiplies by one matrix.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">Activations, [tokens, inputs].</param>
    /// <param name="tokens">Rows of activations, at least 0.</param>
    /// <param name="weights">The matrix, [outputs, inputs].</param>
    /// <param name="y">Results, [tokens, outputs].</param>
    /// <param name="add">Add the product to what <paramref name="y"/> holds.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Multiply(WorkerGang gang, ReadOnlySpan<float> x, int tokens, WeightMatrix weights, Span<float> y, bool add = false) =>
        Multiply(gang, x, tokens, [weights], y, add);

    /// <summary>Multiplies by up to three matrices in one pass; a row of <paramref name="y"/> holds their results side by side.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">Activations, [tokens, inputs].</param>
    /// <param name="tokens">Rows of activations, at least 0.</param>
    /// <param name="weights">1 … 3 matrices with the same number of inputs.</param>
    /// <param name="y">Results, [tokens, sum of outputs].</param>
    /// <param name="add">Add the products to what <paramref name="y"/> holds.</param>
    /// <exception cref="ArgumentException">A span is too short, or the matrices do not fit together.</exception>
    public static void Multiply(
        WorkerGang gang, ReadOnlySpan<float> x, int tokens, ReadOnlySpan<WeightMatrix> weights, Span<float> y, bool add = false) =>
        Multiply(gang, x, tokens, weights, y, add, VectorSupport.Widest);

    /// <summary>The same with vectors of a given width, for comparisons: narrower ones give the same bits, more slowly.</summary>
    /// <inheritdoc cref="Multiply(WorkerGang, ReadOnlySpan{float}, int, ReadOnlySpan{WeightMatrix}, Span{float}, bool)"/>
    /// <param name="gang">Who computes.</param>
    /// <param name="x">Activations, [tokens, inputs].</param>
    /// <param name="tokens">Rows of activations, at least 0.</param>
    /// <param name="weights">1 … 3 matrices with the same number of inputs.</param>
    /// <param name="y">Results, [tokens, sum of outputs].</param>
    /// <param name="add">Add the products to what <paramref name="y"/> holds.</param>
    /// <param name="width">At most <see cref="VectorSupport.Widest"/>.</param>
    public static void Multiply(
        WorkerGang gang, ReadOnlySpan<float> x, int tokens, ReadOnlySpan<WeightMatrix> weights, Span<float> y, bool add, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(gang);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)width, (int)VectorSupport.Widest, nameof(width));
        var (inputs, outputs) = CheckShapes(x, tokens, weights, y);
        var length = Lanes.Pad(inputs);
        gang.ReserveScratch(Math.Max(MatrixProductWork.TileOutputsMax * length, 1));
        fixed (float* xPointer = x, yPointer = y)
        {
            var activations = xPointer;
            if (length != inputs)
            {
                activations = gang.SharedScratch(tokens * length);
                PadRows(x, tokens, inputs, new(activations, tokens * length), length);
            }

            var work = new MatrixProductWork(gang, activations, length, tokens, yPointer, outputs, add, width);
            if (tokens > 0)
            {
                Quantize(gang, xPointer, tokens, weights, ref work);
            }

            foreach (var matrix in weights)
            {
                work.Append(matrix.View);
            }

            gang.Run(ref work, tokens == 0 ? 0 : work.Items);
        }

        foreach (var matrix in weights)
        {
            GC.KeepAlive(matrix);
        }
    }

    /// <summary>Activations in each of the kinds that packed matrices multiply with. Whole blocks need no padding, so the scratch memory is free.</summary>
    private static void Quantize(WorkerGang gang, float* x, int tokens, ReadOnlySpan<WeightMatrix> weights, ref MatrixProductWork work)
    {
        var floats = 0;
        Span<int> starts = [-1, -1, -1];
        foreach (var matrix in weights)
        {
            if (matrix.IsPacked)
            {
                ref var start = ref starts[(int)PanelFormatTable.Activations(matrix.Format)];
                if (start < 0)
                {
                    start = floats;
                    floats = checked(floats + ActivationBlocks.Floats(tokens, matrix.Inputs, PanelFormatTable.Activations(matrix.Format)));
                }
            }
        }

        if (floats == 0)
        {
            return;
        }

        var memory = gang.SharedScratch(floats);
        for (var kind = 0; kind < starts.Length; kind++)
        {
            if (starts[kind] >= 0)
            {
                var target = new ActivationBlocks(memory + starts[kind], tokens, weights[0].Inputs, (ActivationKind)kind);
                ActivationQuantizer.Run(gang, x, tokens, weights[0].Inputs, target);
                work.SetActivations(target);
            }
        }
    }

    private static (int Inputs, int Outputs) CheckShapes(
        ReadOnlySpan<float> x, int tokens, ReadOnlySpan<WeightMatrix> weights, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        if (weights.Length is < 1 or > MatricesMax)
        {
            throw new ArgumentException($"{weights.Length} matrices, expected 1 … {MatricesMax}.", nameof(weights));
        }

        var inputs = weights[0].Inputs;
        var outputs = 0;
        foreach (var matrix in weights)
        {
            if (matrix.Inputs != inputs)
            {
                throw new ArgumentException($"A matrix takes {matrix.Inputs} inputs, the first one {inputs}.", nameof(weights));
            }

            outputs = checked(outputs + matrix.Outputs);
        }

        if (x.Length < (long)tokens * inputs || y.Length < (long)tokens * outputs)
        {
            throw new ArgumentException($"{tokens} rows of {inputs} and {outputs} numbers do not fit in {x.Length} and {y.Length}.");
        }

        return (inputs, outputs);
    }

    private static void PadRows(ReadOnlySpan<float> x, int rows, int inputs, Span<float> padded, int length)
    {
        for (var row = 0; row < rows; row++)
        {
            x.Slice(row * inputs, inputs).CopyTo(padded[(row * length)..]);
            padded.Slice((row * length) + inputs, length - inputs).Clear();
        }
    }
}
