using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Serving.Fairness.Metering;

/// <summary>The maxima of a quantity over equal intervals of time: when time runs past the last one, neighbours are merged and all become twice as long.</summary>
internal sealed class GapCurve
{
    private const int Capacity = 512;
    private const double Nothing = -1;

    private readonly double[] _maxima = new double[Capacity];
    private long _width = 1_000_000;
    private Instant? _origin;

    public GapCurve() => Array.Fill(_maxima, Nothing);

    public void Add(Instant now, double value)
    {
        _origin ??= now;
        var elapsed = (now - _origin.Value).Nanoseconds;
        while (elapsed / _width >= Capacity)
        {
            Merge();
        }

        ref var maximum = ref _maxima[(int)(elapsed / _width)];
        maximum = Math.Max(maximum, value);
    }

    public ImmutableArray<ServiceGapPoint> Points() =>
    [
        .. _maxima
            .Select((maximum, index) => new ServiceGapPoint(new((_origin?.Nanoseconds ?? 0) + index * _width), maximum))
            .Where(point => point.Gap >= 0),
    ];

    private void Merge()
    {
        for (var i = 0; i < Capacity / 2; i++)
        {
            _maxima[i] = Math.Max(_maxima[2 * i], _maxima[2 * i + 1]);
        }

        Array.Fill(_maxima, Nothing, Capacity / 2, Capacity / 2);
        _width *= 2;
    }
}
