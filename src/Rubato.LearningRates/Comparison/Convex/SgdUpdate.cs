using System.Numerics;
using System.Runtime.InteropServices;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Stochastic gradient descent with momentum, its own or what a schedule brings: v ← μv + g, w ← w − ηv. Plain at μ = 0.</summary>
internal sealed class SgdUpdate(int weights, double standardMomentum = 0) : IWeightUpdate
{
    private readonly double[] _velocity = new double[weights];

    public double[] Weights { get; } = new double[weights];

    public void Step(double[] gradient, double rate, double? momentum)
    {
        var w = MemoryMarshal.Cast<double, Vector<double>>(Weights.AsSpan());
        var v = MemoryMarshal.Cast<double, Vector<double>>(_velocity.AsSpan());
        var g = MemoryMarshal.Cast<double, Vector<double>>(gradient.AsSpan());
        var (mu, eta) = (new Vector<double>(momentum ?? standardMomentum), new Vector<double>(rate));
        for (var i = 0; i < w.Length; i++)
        {
            v[i] = mu * v[i] + g[i];
            w[i] -= eta * v[i];
        }
    }
}
