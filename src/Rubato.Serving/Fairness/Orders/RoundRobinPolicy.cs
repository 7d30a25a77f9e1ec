using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>Everybody in turn: a sequence that was given a quantum of tokens goes to the end of the line, and may be displaced by those before it.</summary>
/// <remarks>
/// The quantum counts generated tokens: a prompt is computed whole within one turn. Notes: the rank is the place in the line, the value what the
/// turn has given so far.
/// </remarks>
internal sealed class RoundRobinPolicy(ServicePolicyOptions options) : IServicePolicy
{
    private readonly Offers _offers = new();
    private long _places;

    public string Name => "round-robin";

    public void Arrived(IScheduledSequence sequence, Instant now) => GoToTheEnd(sequence.Notes);

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        _offers.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            _offers.Add(live[i], live[i].Notes.Rank);
        }
    }

    public IScheduledSequence? Next() => _offers.Next();

    public void Take(IScheduledSequence sequence)
    {
    }

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
    {
        var notes = sequence.Notes;
        notes.Value += outputTokens;
        if (notes.Value >= options.QuantumTokens)
        {
            GoToTheEnd(notes);
        }
    }

    public void Left(IScheduledSequence sequence, Instant now)
    {
    }

    private void GoToTheEnd(PolicyNotes notes)
    {
        notes.Rank = _places++;
        notes.Value = 0;
    }
}
