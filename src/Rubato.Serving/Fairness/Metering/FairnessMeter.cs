using Rubato.Core;

namespace Rubato.Serving.Fairness.Metering;

/// <summary>Measures how fairly clients are served, whatever policy serves them; the same for live hosts and simulated worlds.</summary>
/// <remarks>
/// Fed with events in order of time. Memory is bounded: 1,000 clients that have nothing waiting are remembered beside those that have, and pairs
/// are watched among <c>pairPlaces</c> clients that wait at once. No allocation per event once clients are known. Not thread-safe.
/// </remarks>
public sealed class FairnessMeter
{
    private const int IdleClientsMax = 1000;

    private readonly double _promptWeight;
    private readonly double _outputWeight;
    private readonly MemberDirectory<MeteredClient> _clients;
    private readonly PairGaps _pairs;
    private readonly GapCurve _curve = new();

    /// <summary>Makes an empty meter.</summary>
    /// <param name="options">Weights of tokens and of clients; null for the defaults.</param>
    /// <param name="pairPlaces">How many clients that wait at once are watched in pairs. Range 2…1,024; default 64.</param>
    /// <exception cref="InvalidOptionException">The options break a rule.</exception>
    public FairnessMeter(ServicePolicyOptions? options = null, int pairPlaces = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairPlaces, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pairPlaces, 1024);
        options ??= ServicePolicyOptions.Default;
        ServicePolicyOptionsValidator.Validate(options);
        _promptWeight = options.PromptWeight;
        _outputWeight = options.OutputWeight;
        _clients = new(IdleClientsMax, (name, _) => new(name, options.ClientWeights.GetValueOrDefault(name, 1)));
        _pairs = new(pairPlaces);
    }

    /// <summary>
    /// What token counters guarantee: the most by which the service of two clients of weight 1 differs over any time in which both have
    /// requests waiting, 2·max(w_p·L, w_q·M).
    /// </summary>
    /// <param name="promptTokensMax">L, the longest prompt.</param>
    /// <param name="kvTokens">M, the tokens whose keys and values the device holds.</param>
    public double TokenCounterBound(int promptTokensMax, long kvTokens) => 2 * Math.Max(_promptWeight * promptTokensMax, _outputWeight * kvTokens);

    /// <summary>A request of the client begins to wait: it arrived, or it was displaced.</summary>
    public void Queued(string client)
    {
        var member = _clients.FindOrAdd(client);
        _clients.Enter(member);
        if (member.Live == 1)
        {
            _pairs.Begin(member);
        }
    }

    /// <summary>A request of the client waits no longer: it is served, or it ended.</summary>
    public void Dequeued(string client)
    {
        var member = _clients.FindOrAdd(client);
        _clients.Leave(member);
        if (member.Live == 0)
        {
            _pairs.End(member);
        }
    }

    /// <summary>A step served a request of the client.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="promptTokens">Tokens of its prompt that were computed for the first time.</param>
    /// <param name="outputTokens">Tokens that it was given.</param>
    /// <param name="now">When the step ended.</param>
    public void Served(string client, int promptTokens, int outputTokens, Instant now)
    {
        var member = _clients.FindOrAdd(client);
        member.Service += (_promptWeight * promptTokens + _outputWeight * outputTokens) / member.Weight;
        if (_pairs.Served(member) is { } gap)
        {
            _curve.Add(now, gap);
        }
    }

    /// <summary>A request of the client got its first token.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="sinceArrival">How long after its arrival; not negative.</param>
    public void FirstToken(string client, Duration sinceArrival) =>
        _clients.FindOrAdd(client).TimesToFirstToken.Record(sinceArrival.Nanoseconds / 1000);

    /// <summary>A request of the client got another token.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="sincePrevious">How long after the one before; not negative.</param>
    public void NextToken(string client, Duration sincePrevious) =>
        _clients.FindOrAdd(client).TimesBetweenTokens.Record(sincePrevious.Nanoseconds / 1000);

    /// <summary>What was measured so far.</summary>
    public FairnessReport Report()
    {
        ClientFairness[] clients = [.. _clients.All.Select(client => client.Report()).OrderBy(client => client.Client, StringComparer.Ordinal)];
        double[] firsts = [.. clients.Select(client => client.P99TimeToFirstToken).OfType<double>().Order()];
        double[] nexts = [.. clients.Select(client => client.P99TimeBetweenTokens).OfType<double>().Order()];
        return new()
        {
            MaxServiceGap = _pairs.Largest,
            SomePairsMissed = _pairs.SomeMissed,
            Jain = Jain(),
            WorstClientP99TimeToFirstToken = Worst(firsts),
            MedianClientP99TimeToFirstToken = Median(firsts),
            WorstClientP99TimeBetweenTokens = Worst(nexts),
            MedianClientP99TimeBetweenTokens = Median(nexts),
            Clients = [.. clients],
            Curve = _curve.Points(),
        };
    }

    private double? Jain()
    {
        var sum = 0.0;
        var sumOfSquares = 0.0;
        foreach (var client in _clients.All.OrderBy(client => client.Name, StringComparer.Ordinal))
        {
            sum += client.Service;
            sumOfSquares += client.Service * client.Service;
        }

        return sumOfSquares > 0 ? sum * sum / (_clients.Count * sumOfSquares) : null;
    }

    private static double? Worst(double[] sorted) => sorted.Length == 0 ? null : sorted[^1];

    private static double? Median(double[] sorted) => sorted.Length == 0 ? null : sorted[(sorted.Length - 1) / 2];
}
