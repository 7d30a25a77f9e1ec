using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Rubato.Hosting.Telemetry;

/// <summary>All label sets of one instrument, and how they are written in Prometheus' text format.</summary>
internal sealed class PrometheusSeries
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Cell> _cells = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<double>? _bounds;
    private readonly bool _observed;
    private HashSet<string>? _seen;
    private readonly string _help;

    public PrometheusSeries(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        _observed = instrument.IsObservable;
        _bounds = type.StartsWith("Histogram", StringComparison.Ordinal) ? PrometheusNames.Bounds(instrument) : null;
        Kind = _bounds is not null ? "histogram"
            : type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : "gauge";
        Name = PrometheusNames.Metric(instrument, Kind == "counter");
        _help = PrometheusNames.EscapeHelp(instrument.Description ?? instrument.Name);
    }

    public string Name { get; }

    public string Kind { get; }

    /// <summary>Takes a measurement in: adds it up, or, for an observed value or a gauge, keeps the last.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusNames.Labels(tags);
        lock (_lock)
        {
            _seen?.Add(labels);
            if (!_cells.TryGetValue(labels, out var cell))
            {
                _cells.Add(labels, cell = new Cell(_bounds?.Count ?? 0));
            }

            cell.Sum = _observed || Kind == "gauge" ? value : cell.Sum + value;
            cell.Count++;
            for (var i = 0; i < cell.Buckets.Length; i++)
            {
                cell.Buckets[i] += value <= _bounds![i] ? 1 : 0;
            }
        }
    }

    /// <summary>Begins an observation: what nobody observes until <see cref="EndObservation"/> is no more, as the gauges of a model that was unloaded.</summary>
    public void BeginObservation()
    {
        lock (_lock)
        {
            _seen = _observed ? [] : null;
        }
    }

    /// <summary>Forgets the gauges that were not observed. Counts are kept: they must never fall.</summary>
    public void EndObservation()
    {
        lock (_lock)
        {
            if (_seen is { } seen && Kind == "gauge")
            {
                foreach (var gone in _cells.Keys.Where(labels => !seen.Contains(labels)).ToArray())
                {
                    _cells.Remove(gone);
                }
            }

            _seen = null;
        }
    }

    public void Write(StringBuilder text)
    {
        lock (_lock)
        {
            text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
            text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind).Append('\n');
            foreach (var (labels, cell) in _cells)
            {
                if (_bounds is null)
                {
                    Line(text, "", labels, "", cell.Sum);
                    continue;
                }

                for (var i = 0; i < cell.Buckets.Length; i++)
                {
                    Line(text, "_bucket", labels, PrometheusNames.Number(_bounds[i]), cell.Buckets[i]);
                }

                Line(text, "_bucket", labels, "+Inf", cell.Count);
                Line(text, "_sum", labels, "", cell.Sum);
                Line(text, "_count", labels, "", cell.Count);
            }
        }
    }

    private void Line(StringBuilder text, string suffix, string labels, string le, double value)
    {
        text.Append(Name).Append(suffix);
        if (labels.Length > 0 || le.Length > 0)
        {
            text.Append('{').Append(labels);
            if (le.Length > 0)
            {
                text.Append(labels.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"le=\"{le}\"");
            }

            text.Append('}');
        }

        text.Append(' ').Append(PrometheusNames.Number(value)).Append('\n');
    }

    private sealed class Cell(int buckets)
    {
        public double Sum { get; set; }

        public long Count { get; set; }

        public long[] Buckets { get; } = new long[buckets];
    }
}
