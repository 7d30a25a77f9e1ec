using System.Numerics;
using System.Runtime.InteropServices;
using Rubato.Core;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Softmax regression with a bias: cross-entropy of softmax(Wᵀx + b), convex in the weights.</summary>
/// <remarks>
/// Weights are row-major [width + 1, lanes], the bias in the last row; lanes are the classes rounded up to whole vectors, so that an example is a few
/// vector sums. Lanes are independent of each other and nothing is fused: the width of the vectors does not change a bit of the result. Not thread-safe.
/// </remarks>
internal sealed class SoftmaxModel
{
    private readonly ClassificationSet _data;
    private readonly double[] _row;

    public SoftmaxModel(ClassificationSet data)
    {
        _data = data;
        var lane = Vector<double>.Count;
        Lanes = (data.Classes + lane - 1) / lane * lane;
        _row = new double[Lanes];
    }

    /// <summary>Classes rounded up to whole vectors.</summary>
    public int Lanes { get; }

    /// <summary>Length of the array of weights.</summary>
    public int Weights => (_data.Width + 1) * Lanes;

    /// <summary>Mean cross-entropy over all examples, in nats.</summary>
    public double Loss(double[] weights)
    {
        var total = 0.0;
        for (var i = 0; i < _data.Count; i++)
        {
            Logits(weights, _data.Example(i));
            var (largest, own) = (Largest(), _row[_data.Labels[i]]);
            total += DeterministicMath.Log(Exponentials(largest)) + (largest - own);
        }

        return total / _data.Count;
    }

    /// <summary>The gradient of the mean loss over <paramref name="batch"/> into <paramref name="gradient"/>. Allocates nothing.</summary>
    /// <param name="weights">Where the gradient is taken.</param>
    /// <param name="batch">Indices of examples, at least one.</param>
    /// <param name="gradient">As long as the weights; lanes beyond the classes get 0.</param>
    public void Gradient(double[] weights, ReadOnlySpan<int> batch, double[] gradient)
    {
        Array.Clear(gradient);
        foreach (var index in batch)
        {
            var example = _data.Example(index);
            Logits(weights, example);
            Errors(_data.Labels[index], batch.Length);
            Accumulate(gradient, example);
        }
    }

    private void Logits(double[] weights, ReadOnlySpan<double> example)
    {
        var all = MemoryMarshal.Cast<double, Vector<double>>(weights.AsSpan());
        var row = MemoryMarshal.Cast<double, Vector<double>>(_row.AsSpan());
        for (var block = 0; block < row.Length; block++)
        {
            var sum = all[example.Length * row.Length + block];
            var at = block;
            foreach (var feature in example)
            {
                sum += all[at] * feature;
                at += row.Length;
            }

            row[block] = sum;
        }
    }

    private double Largest()
    {
        var largest = _row[0];
        for (var lane = 1; lane < _data.Classes; lane++)
        {
            largest = Math.Max(largest, _row[lane]);
        }

        return largest;
    }

    /// <summary>Turns logits into e^(logit − largest), 0 beyond the classes, and returns their sum.</summary>
    private double Exponentials(double largest)
    {
        var row = MemoryMarshal.Cast<double, Vector<double>>(_row.AsSpan());
        foreach (ref var block in row)
        {
            block = VectorExponential.OfNegative(block - new Vector<double>(largest));
        }

        var sum = 0.0;
        for (var lane = 0; lane < _data.Classes; lane++)
        {
            sum += _row[lane];
        }

        _row.AsSpan(_data.Classes).Clear();
        return sum;
    }

    /// <summary>Turns logits into (probability − indicator of the label) / batch.</summary>
    private void Errors(int label, int batch)
    {
        var sum = Exponentials(Largest());
        var scale = new Vector<double>(1 / (sum * batch));
        foreach (ref var block in MemoryMarshal.Cast<double, Vector<double>>(_row.AsSpan()))
        {
            block *= scale;
        }

        _row[label] -= 1.0 / batch;
    }

    private void Accumulate(double[] gradient, ReadOnlySpan<double> example)
    {
        var all = MemoryMarshal.Cast<double, Vector<double>>(gradient.AsSpan());
        var row = MemoryMarshal.Cast<double, Vector<double>>(_row.AsSpan());
        for (var block = 0; block < row.Length; block++)
        {
            var error = row[block];
            var at = block;
            foreach (var feature in example)
            {
                all[at] += error * feature;
                at += row.Length;
            }

            all[at] += error;
        }
    }
}
