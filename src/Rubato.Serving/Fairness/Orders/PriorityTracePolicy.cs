using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>By priorities that were laid down beforehand, whatever the load: how papers on switching make many switches.</summary>
/// <remarks>
/// A conversation is a client and a user: requests of the same two share priorities. Requests that name neither are conversations of their
/// own, known by their request's number. Notes: the rank is the priority, the level the update that it is of; the flag says that there is one.
/// </remarks>
internal sealed class PriorityTracePolicy(ServicePolicyOptions options) : IServicePolicy
{
    /// <summary>Updates per step as in FastSwitch's evaluation: 0.04.</summary>
    public const int DefaultIterations = 25;

    private readonly Offers _offers = new();
    private readonly PriorityTrace _trace = new(options.Seed, options.TraceCorrelation);
    private readonly UpdateClock _clock = new(options, DefaultIterations);

    public string Name => "trace";

    /// <summary>The number that identifies the conversation of a request.</summary>
    public static ulong ConversationOf(IScheduledSequence sequence)
    {
        if (sequence.Client.Length == 0 && sequence.User.Length == 0)
        {
            return unchecked((ulong)sequence.Id.Value);
        }

        return Prng.Mix(Hash(sequence.Client), Hash(sequence.User));
    }

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        var update = _clock.UpdateAt(iteration, now);
        _offers.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            var sequence = live[i];
            if (!sequence.Notes.Flag || sequence.Notes.Level != update)
            {
                Update(sequence, update);
            }

            _offers.Add(sequence, sequence.Notes.Rank);
        }
    }

    public IScheduledSequence? Next() => _offers.Next();

    public void Take(IScheduledSequence sequence)
    {
    }

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
    {
    }

    public void Left(IScheduledSequence sequence, Instant now)
    {
    }

    private void Update(IScheduledSequence sequence, long update)
    {
        var notes = sequence.Notes;
        notes.Rank = _trace.At(ConversationOf(sequence), update, notes.Flag ? notes.Level : -1, notes.Rank);
        notes.Level = update;
        notes.Flag = true;
    }

    // FNV-1a over UTF-16 units.
    private static ulong Hash(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var unit in text)
        {
            hash = unchecked((hash ^ unit) * 0x100000001b3UL);
        }

        return hash;
    }
}
