using Rubato.Core;
using Rubato.Serving.Fairness.Costs;

namespace Rubato.Serving.Fairness.Shares;

/// <summary>Equal service among clients, and within a client among its users: whoever has received the least is next.</summary>
/// <remarks>
/// <para>Each client has a counter of service received over its weight. A request's prompt is charged when it is first taken, its output as it is
/// generated (or ahead, by a prediction that is corrected later). A client that comes back after having nothing waiting is lifted to the
/// smallest counter of those who wait, or to that of the client that was last to have something waiting: credit does not pile up.</para>
/// <para>Without displacement, residents come first. With it, a sequence that waits stands before a resident of another client when that client's
/// counter is more than a threshold above its own client's. A client has as many places at the resident's discount as it has residents;
/// which of its users fill them is decided by the same rule among the users. A resident without a token since it was brought in stands before
/// all others: no switch is for nothing. A client that comes back keeps credit of the threshold and a token, so that it need not wait
/// for others to run ahead before it may displace them.</para>
/// <para>Source: Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024 (VTC); nesting and displacement are ours.</para>
/// </remarks>
internal sealed class VirtualTokenCounterPolicy : IServicePolicy
{
    private const int IdleClientsMax = 1024;

    private readonly ServicePolicyOptions _options;
    private readonly ServiceCost _cost;
    private readonly SharingLevel<ClientShare> _clients;
    private readonly SequenceTable<SharedSequence> _sequences = new(slot => new(slot));
    private readonly Queue<IScheduledSequence> _unfinishedTurns = new();
    private readonly UpdateClock _clock;
    private readonly bool _preemptive;
    private readonly double _threshold;
    private readonly double _credit;
    private ShareRule _rule;
    private long _selection = 1;
    private long _update = -1;
    private long _iterationOfUpdate = -1;

    public VirtualTokenCounterPolicy(ServicePolicyOptions options, bool preemptive)
    {
        _options = options;
        _preemptive = preemptive;
        _cost = ServiceCost.Of(options);
        _clock = new(options, defaultIterations: 1);
        _clients = new(IdleClientsMax, (name, number) => new(name, number, options.ClientWeights.GetValueOrDefault(name, 1)));
        _threshold = !preemptive ? 0 : options.Threshold ?? _cost.OfOutput(0, 0, options.QuantumTokens + options.SwitchCostTokens);
        _credit = !preemptive ? 0 : _threshold + _cost.OfOutput(0, 0, 1);
    }

    public string Name => _preemptive ? "vtc-preemptive" : "vtc";

    /// <summary>Service units by which a client must be behind another to displace it; 0 when nobody is displaced.</summary>
    public double Threshold => _threshold;

    /// <summary>Clients that are remembered.</summary>
    public int RememberedClients => _clients.Members.Count;

    /// <summary>The counter of a client; null when it is not known.</summary>
    public double? CounterOf(string client) => _clients.Members.Find(client)?.Counter;

    /// <summary>The counter of a user among the users of its client; null when it is not known.</summary>
    public double? CounterOf(string client, string user) => _clients.Members.Find(client)?.Users.Members.Find(user)?.Counter;

    /// <summary>How many clients were known before this one, which is known: ties go to the earlier.</summary>
    public long RegistrationOf(string client) => _clients.Members.Find(client)!.Registered;

    /// <summary>The same of a user among those of its client.</summary>
    public long RegistrationOf(string client, string user) => _clients.Members.Find(client)!.Users.Members.Find(user)!.Registered;

    /// <summary>Users of a client that are remembered.</summary>
    public int RememberedUsers(string client) => _clients.Members.Find(client)?.Users.Members.Count ?? 0;

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
        var client = _clients.Members.FindOrAdd(sequence.Client);
        var user = client.Users.Members.FindOrAdd(sequence.User);
        _sequences.Add(sequence).User = user;
        _clients.Arrive(client, _credit);
        client.Users.Arrive(user, _credit);
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        _selection++;
        _rule = new(MayDisplace(iteration, now), _threshold);
        _unfinishedTurns.Clear();
        _clients.ClearOffers();
        for (var i = 0; i < live.Count; i++)
        {
            Enlist(live[i]);
        }

        var clients = _clients.Members.Live;
        for (var i = 0; i < clients.Count; i++)
        {
            OfferClient(clients[i]);
        }
    }

    public IScheduledSequence? Next()
    {
        if (_unfinishedTurns.TryDequeue(out var unfinished))
        {
            return unfinished;
        }

        if (!_clients.HasOffer)
        {
            return null;
        }

        var client = _clients.First(_rule);
        var user = client.Users.First(_rule);
        var offer = user.TakeOffer();
        client.Residents = Math.Max(0, client.Residents - 1);
        if (!user.HasOffer)
        {
            client.Users.RemoveFirst();
        }

        if (!client.Users.HasOffer)
        {
            _clients.RemoveFirst();
        }

        return offer.Sequence;
    }

    public void Take(IScheduledSequence sequence)
    {
        var entry = _sequences[sequence];
        var user = entry.User!;
        if (!entry.Charged)
        {
            entry.Charged = true;
            entry.Predicted = Predict(sequence, user.Client);
            var ahead = _cost.OfOutput(sequence.PromptTokens, 0, entry.Predicted);
            Charge(user, _cost.OfPrompt(sequence.PromptTokens) + ahead);
        }

        if (entry.TakenIn != _selection)
        {
            entry.TakenIn = _selection;
            user.Client.Users.Dequeue(user, user.WasQueued);
            _clients.Dequeue(user.Client, user.Client.WasQueued);
        }
    }

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
    {
        var entry = _sequences[sequence];
        var paid = Math.Max(entry.Output, entry.Predicted);
        entry.Output += outputTokens;
        if (entry.Output > paid)
        {
            Charge(entry.User!, _cost.OfOutput(sequence.PromptTokens, paid, entry.Output));
        }
    }

    public void Left(IScheduledSequence sequence, Instant now)
    {
        var entry = _sequences[sequence];
        var user = entry.User!;
        var client = user.Client;
        if (entry.Output < entry.Predicted)
        {
            Charge(user, _cost.OfOutput(sequence.PromptTokens, entry.Predicted, entry.Output));
        }

        if (entry.Charged)
        {
            client.Outputs.Add(entry.Output);
        }

        if (entry.TakenIn != _selection)
        {
            client.Users.Dequeue(user, counts: true);
            _clients.Dequeue(client, counts: true);
        }

        client.Users.Members.Leave(user);
        _clients.Members.Leave(client);
        _sequences.Remove(entry);
    }

    private static void Charge(UserShare user, double cost)
    {
        user.Counter += cost;
        user.Client.Counter += cost / user.Client.Weight;
    }

    /// <summary>True in the steps that begin an update, for as many selections as such a step takes.</summary>
    private bool MayDisplace(long iteration, Instant now)
    {
        if (!_preemptive)
        {
            return false;
        }

        var update = _clock.UpdateAt(iteration, now);
        if (update != _update)
        {
            _update = update;
            _iterationOfUpdate = iteration;
        }

        return iteration == _iterationOfUpdate;
    }

    private void Enlist(IScheduledSequence sequence)
    {
        var entry = _sequences[sequence];
        var user = entry.User!;
        var client = user.Client;
        if (Begin(client))
        {
            client.Residents = 0;
            client.Users.ClearOffers();
        }

        if (Begin(user))
        {
            user.ClearOffers();
        }

        client.Queued++;
        user.Queued++;
        var resident = sequence.IsResident;
        if (_rule.Displaces && resident && sequence.TokensSinceResumed == 0)
        {
            _unfinishedTurns.Enqueue(sequence);
            return;
        }

        client.Residents += resident ? 1 : 0;
        user.Append(entry, resident);
    }

    /// <summary>Whether this is the first sight of the member in the selection under way.</summary>
    private bool Begin(Share share)
    {
        if (share.Selection == _selection)
        {
            return false;
        }

        share.Selection = _selection;
        share.WasQueued = share.Queued > 0;
        share.Queued = 0;
        return true;
    }

    private void OfferClient(ClientShare client)
    {
        if (client.Selection != _selection)
        {
            return;
        }

        var users = client.Users.Members.Live;
        for (var i = 0; i < users.Count; i++)
        {
            if (users[i].Selection == _selection && users[i].HasOffer)
            {
                client.Users.Offer(users[i], _rule);
            }
        }

        if (client.Users.HasOffer)
        {
            _clients.Offer(client, _rule);
        }
    }

    private int Predict(IScheduledSequence sequence, ClientShare client) => _options.Prediction switch
    {
        OutputPrediction.ClientAverage => Math.Min(client.Outputs.Mean(), sequence.OutputTokensMax),
        OutputPrediction.Limit => sequence.OutputTokensMax,
        _ => 0,
    };
}
