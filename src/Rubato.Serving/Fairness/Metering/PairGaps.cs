namespace Rubato.Serving.Fairness.Metering;

/// <summary>Differences in service between clients that wait, pair by pair, from the moment on at which both do.</summary>
/// <remarks>Watches as many clients at once as there are places; O(places) per event.</remarks>
internal sealed class PairGaps(int places)
{
    private readonly MeteredClient?[] _clients = new MeteredClient?[places];

    // Of the service of the client at the lower place less that at the higher: at the start, the smallest and the largest since.
    private readonly double[] _start = new double[places * places];
    private readonly double[] _least = new double[places * places];
    private readonly double[] _most = new double[places * places];

    /// <summary>The largest difference over any interval in which both clients of a pair waited.</summary>
    public double Largest { get; private set; }

    public bool SomeMissed { get; private set; }

    public void Begin(MeteredClient client)
    {
        var place = Array.IndexOf(_clients, null);
        if (place < 0)
        {
            SomeMissed = true;
            return;
        }

        client.Place = place;
        _clients[place] = client;
        for (var other = 0; other < places; other++)
        {
            if (other != place && _clients[other] is not null)
            {
                var (pair, difference) = Compare(place, other);
                _start[pair] = _least[pair] = _most[pair] = difference;
            }
        }
    }

    public void End(MeteredClient client)
    {
        if (client.Place >= 0)
        {
            _clients[client.Place] = null;
            client.Place = -1;
        }
    }

    /// <summary>A client was served: the largest difference to another since both wait; null when there is no pair.</summary>
    public double? Served(MeteredClient client)
    {
        double? now = null;
        for (var other = 0; client.Place >= 0 && other < places; other++)
        {
            if (other != client.Place && _clients[other] is not null)
            {
                var (pair, difference) = Compare(client.Place, other);
                _least[pair] = Math.Min(_least[pair], difference);
                _most[pair] = Math.Max(_most[pair], difference);
                Largest = Math.Max(Largest, _most[pair] - _least[pair]);
                now = Math.Max(now ?? 0, Math.Abs(difference - _start[pair]));
            }
        }

        return now;
    }

    private (int Pair, double Difference) Compare(int a, int b)
    {
        var (low, high) = a < b ? (a, b) : (b, a);
        return (low * places + high, _clients[low]!.Service - _clients[high]!.Service);
    }
}
