using System.Numerics;
using System.Runtime.InteropServices;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Adam without weight decay, β = (0.9, 0.95), ε = 10⁻⁸, bias-corrected also where a schedule moves β₁.</summary>
/// <remarks>Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.</remarks>
internal sealed class AdamUpdate(int weights) : IWeightUpdate
{
    public const double Beta1 = 0.9;
    public const double Beta2 = 0.95;
    public const double Epsilon = 1e-8;

    private readonly double[] _mean = new double[weights];
    private readonly double[] _square = new double[weights];
    private double _forgotten1 = 1;
    private double _forgotten2 = 1;

    public double[] Weights { get; } = new double[weights];

    public void Step(double[] gradient, double rate, double? momentum)
    {
        var beta1 = momentum ?? Beta1;
        _forgotten1 *= beta1;
        _forgotten2 *= Beta2;
        var w = MemoryMarshal.Cast<double, Vector<double>>(Weights.AsSpan());
        var m = MemoryMarshal.Cast<double, Vector<double>>(_mean.AsSpan());
        var s = MemoryMarshal.Cast<double, Vector<double>>(_square.AsSpan());
        var g = MemoryMarshal.Cast<double, Vector<double>>(gradient.AsSpan());
        var (keep1, take1) = (new Vector<double>(beta1), new Vector<double>(1 - beta1));
        var (keep2, take2) = (new Vector<double>(Beta2), new Vector<double>(1 - Beta2));
        var eta = new Vector<double>(rate / (1 - _forgotten1));
        var correction = new Vector<double>(1 / (1 - _forgotten2));
        var epsilon = new Vector<double>(Epsilon);
        for (var i = 0; i < w.Length; i++)
        {
            m[i] = keep1 * m[i] + take1 * g[i];
            s[i] = keep2 * s[i] + take2 * (g[i] * g[i]);
            w[i] -= eta * m[i] / (Vector.SquareRoot(s[i] * correction) + epsilon);
        }
    }
}
