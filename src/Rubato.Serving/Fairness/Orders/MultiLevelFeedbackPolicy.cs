using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>Short work first without knowing what is short: a sequence sinks a level whenever it has used up the quantum of the one it is on.</summary>
/// <remarks>
/// <para>Quanta are service units and grow by a ratio from level to level. A request joins the first level whose quantum pays for its prompt.
/// Higher levels displace lower ones; on one level residents come first, then arrival. On the last level nothing is used up.</para>
/// <para>Nobody starves: a sequence without service for longer than a threshold rises to the highest level, where it stands before all that
/// arrived later, and may use the quantum of the level that it joined at first: room for its prompt, should it have to be computed again.</para>
/// <para>Source: Wu et al., "Fast Distributed Inference Serving for Large Language Models" (FastServe), 2023. Notes: the level, the value is
/// the service on it, the rank is when it was served last.</para>
/// </remarks>
internal sealed class MultiLevelFeedbackPolicy : IServicePolicy
{
    private readonly Offers _offers = new();
    private readonly ServicePolicyOptions _options;
    private readonly UpdateClock _clock;
    private readonly double[] _quanta;
    private long _update = -1;

    public MultiLevelFeedbackPolicy(ServicePolicyOptions options)
    {
        _options = options;
        _clock = new(options, defaultIterations: 1);
        _quanta = new double[options.Levels];
        _quanta[0] = options.OutputWeight * options.QuantumTokens;
        for (var level = 1; level < _quanta.Length; level++)
        {
            _quanta[level] = _quanta[level - 1] * options.LevelRatio;
        }
    }

    public string Name => "mlfq";

    /// <summary>The level at which a request joins.</summary>
    public int JoinLevel(int promptTokens)
    {
        var level = 0;
        while (level < _quanta.Length - 1 && _quanta[level] < _options.PromptWeight * promptTokens)
        {
            level++;
        }

        return level;
    }

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
        sequence.Notes.Level = JoinLevel(sequence.PromptTokens);
        sequence.Notes.Value = 0;
        sequence.Notes.Rank = now.Seconds;
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        var update = _clock.UpdateAt(iteration, now);
        var promotes = update != _update;
        _update = update;
        _offers.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            var sequence = live[i];
            if (promotes && now.Seconds - sequence.Notes.Rank > _options.StarvationSeconds)
            {
                Promote(sequence, now);
            }

            _offers.Add(sequence, sequence.Notes.Level);
        }
    }

    public IScheduledSequence? Next() => _offers.Next();

    public void Take(IScheduledSequence sequence)
    {
    }

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
    {
        var notes = sequence.Notes;
        notes.Rank = now.Seconds;
        notes.Value += _options.PromptWeight * promptTokens + _options.OutputWeight * outputTokens;
        if (notes.Level < _quanta.Length - 1 && notes.Value > _quanta[notes.Level])
        {
            notes.Level++;
            notes.Value = 0;
        }
    }

    public void Left(IScheduledSequence sequence, Instant now)
    {
    }

    private void Promote(IScheduledSequence sequence, Instant now)
    {
        var notes = sequence.Notes;
        notes.Level = 0;
        notes.Value = _quanta[0] - _quanta[JoinLevel(sequence.PromptTokens)];
        notes.Rank = now.Seconds;
    }
}
