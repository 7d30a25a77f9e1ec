using Rubato.Core;

namespace Rubato.Serving.Fairness.Shares;

/// <summary>A user of a client, with its sequences of the selection under way: residents first, each in order of arrival.</summary>
internal sealed class UserShare(ClientShare client, string name, long registered) : Share(name, registered)
{
    private SharedSequence? _resident;
    private SharedSequence? _lastResident;
    private SharedSequence? _waiting;
    private SharedSequence? _lastWaiting;

    public ClientShare Client => client;

    public override bool IsEntitled => _resident is not null;

    public bool HasOffer => _resident is not null || _waiting is not null;

    public void ClearOffers()
    {
        _resident = _lastResident = null;
        _waiting = _lastWaiting = null;
    }

    public void Append(SharedSequence sequence, bool resident)
    {
        if (resident)
        {
            Append(sequence, ref _resident, ref _lastResident);
        }
        else
        {
            Append(sequence, ref _waiting, ref _lastWaiting);
        }
    }

    public SharedSequence TakeOffer()
    {
        ref var head = ref _resident is not null ? ref _resident : ref _waiting;
        var offer = head;
        Check.Invariant(offer is not null, $"'{Name}' has nothing to offer");
        head = offer.Following;
        offer.Following = null;
        return offer;
    }

    private static void Append(SharedSequence sequence, ref SharedSequence? head, ref SharedSequence? last)
    {
        sequence.Following = null;
        if (head is null)
        {
            head = sequence;
        }
        else
        {
            last!.Following = sequence;
        }

        last = sequence;
    }
}
