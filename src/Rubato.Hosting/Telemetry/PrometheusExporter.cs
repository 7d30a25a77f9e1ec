using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Rubato.Hosting.Telemetry;

/// <summary>Listens to meters and writes what they measured in Prometheus' text format; colons in names are kept.</summary>
internal sealed class PrometheusExporter : IDisposable
{
    /// <summary>The content type of <see cref="Export"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _exporting = new();
    private readonly ConcurrentDictionary<string, PrometheusSeries> _series = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <param name="measures">Which meters to listen to, also those that come later.</param>
    public PrometheusExporter(Func<Meter, bool> measures)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (measures(instrument.Meter))
            {
                var series = new PrometheusSeries(instrument);
                listener.EnableMeasurementEvents(instrument, _series.GetOrAdd(series.Name, series));
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(state, value, tags));
        _listener.Start();
    }

    /// <summary>All series, in order of their names.</summary>
    public string Export()
    {
        lock (_exporting)
        {
            foreach (var series in _series.Values)
            {
                series.BeginObservation();
            }

            _listener.RecordObservableInstruments();
            foreach (var series in _series.Values)
            {
                series.EndObservation();
            }

            var text = new StringBuilder();
            foreach (var series in _series.Values.OrderBy(series => series.Name, StringComparer.Ordinal))
            {
                series.Write(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((PrometheusSeries)state!).Record(value, tags);
}
