using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Rubato.Torch.GradientNorms;

/// <summary>Sums over a gradient, from which its norms follow.</summary>
internal static class GradientNorm
{
    /// <summary>Sum of absolute values and sum of squares, accumulated in double precision.</summary>
    /// <param name="gradient">Of any shape, on any device.</param>
    public static (double Absolute, double Squares) Sums(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var flat = gradient.to(ScalarType.Float32).cpu().contiguous();
        return Sums(MemoryMarshal.Cast<byte, float>(flat.bytes));
    }

    private static (double Absolute, double Squares) Sums(ReadOnlySpan<float> values)
    {
        var (absolute, squares) = (Vector<double>.Zero, Vector<double>.Zero);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors)
        {
            Vector.Widen(vector, out var low, out var high);
            absolute += Vector.Abs(low) + Vector.Abs(high);
            squares += low * low + high * high;
        }

        var (a, s) = (Vector.Sum(absolute), Vector.Sum(squares));
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            a += Math.Abs((double)value);
            s += (double)value * value;
        }

        return (a, s);
    }
}
