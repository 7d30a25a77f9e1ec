using Rubato.Core;
using Rubato.Serving.Fairness.Orders;

namespace Rubato.Serving.Fairness.Deficits;

/// <summary>The request whose beginning is best known already is next, as long as its client has not used up what it was granted.</summary>
/// <remarks>
/// <para>Each client has a deficit. Only clients whose deficit is above zero may enter; what they are served is subtracted: what is not
/// cached of a prompt when it is taken, output as it is generated. When all clients that wait are at or below zero, each is granted the
/// quantum, as often as it takes to lift one of them above. Residents come first: nobody is displaced.</para>
/// <para>No client starves: others run out. Within one client a request that matches little waits while the client keeps sending ones that
/// match more. A client that comes back keeps its debt but no credit.</para>
/// <para>Source: Cao et al., "Locality-aware Fair Scheduling in LLM Serving", 2025.</para>
/// </remarks>
internal sealed class DeficitPrefixPolicy(ServicePolicyOptions options) : IServicePolicy
{
    private const int IdleClientsMax = 1024;

    private readonly MemberDirectory<DeficitMember> _clients = new(IdleClientsMax, (name, _) => new(name));
    private readonly SequenceTable<DeficitSequence> _sequences = new(slot => new(slot));
    private readonly Offers _residents = new();
    private readonly PriorityQueue<DeficitMember, OfferKey> _entitled = new();
    private readonly List<DeficitMember> _exhausted = [];
    private long _selection;

    public string Name => "dlpm";

    /// <summary>Clients that are remembered.</summary>
    public int RememberedClients => _clients.Count;

    /// <summary>The deficit of a client; null when it is not known.</summary>
    public double? DeficitOf(string client) => _clients.Find(client)?.Deficit;

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
        var client = _clients.FindOrAdd(sequence.Client);
        if (client.Live == 0)
        {
            client.Deficit = Math.Min(client.Deficit, 0);
        }

        _clients.Enter(client);
        _sequences.Add(sequence).Client = client;
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        _selection++;
        _residents.Clear();
        _entitled.Clear();
        _exhausted.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            Enlist(live[i]);
        }

        var clients = _clients.Live;
        for (var i = 0; i < clients.Count; i++)
        {
            if (clients[i].Selection == _selection)
            {
                Sort(clients[i]);
            }
        }
    }

    public IScheduledSequence? Next()
    {
        if (_residents.Next() is { } resident)
        {
            return resident;
        }

        while (true)
        {
            while (_entitled.TryDequeue(out var client, out _))
            {
                // It may have been charged since it was put here.
                if (client.Deficit <= 0)
                {
                    _exhausted.Add(client);
                    continue;
                }

                var next = client.Waiting.Next();
                if (!client.Waiting.IsEmpty)
                {
                    _entitled.Enqueue(client, client.Waiting.FirstKey);
                }

                return next;
            }

            if (_exhausted.Count == 0)
            {
                return null;
            }

            Grant();
        }
    }

    public void Take(IScheduledSequence sequence)
    {
        var entry = _sequences[sequence];
        if (!entry.Charged)
        {
            entry.Charged = true;
            entry.Client!.Deficit -= options.PromptWeight * Math.Max(0, sequence.PromptTokens - sequence.MatchedTokens);
        }
    }

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now) =>
        _sequences[sequence].Client!.Deficit -= options.OutputWeight * outputTokens;

    public void Left(IScheduledSequence sequence, Instant now)
    {
        var entry = _sequences[sequence];
        _clients.Leave(entry.Client!);
        _sequences.Remove(entry);
    }

    private void Enlist(IScheduledSequence sequence)
    {
        if (sequence.IsResident)
        {
            _residents.Add(sequence, rank: 0);
            return;
        }

        var client = _sequences[sequence].Client!;
        if (client.Selection != _selection)
        {
            client.Selection = _selection;
            client.Waiting.Clear();
        }

        client.Waiting.Add(sequence, -sequence.MatchedTokens);
    }

    private void Sort(DeficitMember client)
    {
        if (client.Deficit > 0)
        {
            _entitled.Enqueue(client, client.Waiting.FirstKey);
        }
        else
        {
            _exhausted.Add(client);
        }
    }

    private void Grant()
    {
        var highest = double.NegativeInfinity;
        foreach (var client in _exhausted)
        {
            highest = Math.Max(highest, client.Deficit);
        }

        var granted = (Math.Floor(-highest / options.DeficitQuantum) + 1) * options.DeficitQuantum;
        var waiting = 0;
        for (var i = 0; i < _exhausted.Count; i++)
        {
            var client = _exhausted[i];
            client.Deficit += granted;
            if (client.Deficit > 0)
            {
                _entitled.Enqueue(client, client.Waiting.FirstKey);
            }
            else
            {
                _exhausted[waiting++] = client;
            }
        }

        _exhausted.RemoveRange(waiting, _exhausted.Count - waiting);
        Check.Invariant(_entitled.Count > 0, $"a grant of {granted} over {highest} lifts nobody");
    }
}
