namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Schedule-Free SGD; <see cref="ScheduleFreeOptions"/> has the formulas.</summary>
internal sealed class ScheduleFreeSgd(int weights, ScheduleFreeOptions options) : IWeightUpdate
{
    private readonly double[] _z = new double[weights];
    private double _largestRate;
    private double _totalWeight;

    /// <summary>y, where gradients are taken: the training mode.</summary>
    public double[] Weights { get; } = new double[weights];

    /// <summary>x, the average: the evaluation mode.</summary>
    public double[] Evaluated { get; } = new double[weights];

    public void Step(double[] gradient, double rate, double? momentum)
    {
        _largestRate = Math.Max(_largestRate, rate);
        var weight = _largestRate * _largestRate;
        _totalWeight += weight;
        var c = _totalWeight > 0 ? weight / _totalWeight : 0;
        var (x, y, beta) = (Evaluated, Weights, options.Beta);
        for (var i = 0; i < x.Length; i++)
        {
            _z[i] -= rate * gradient[i];
            x[i] = (1 - c) * x[i] + c * _z[i];
            y[i] = (1 - beta) * _z[i] + beta * x[i];
        }
    }
}
