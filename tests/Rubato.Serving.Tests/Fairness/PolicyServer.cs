using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Metering;

namespace Rubato.Serving.Tests.Fairness;

/// <summary>
/// The smallest server that drives a policy as a scheduler does: continuous batching over a memory counted in tokens. A sequence needs room for
/// its prompt and all its output; the memory of those that are not taken is given up when others need it. Whoever was displaced pays for its
/// return with time, not with computation.
/// </summary>
internal sealed class PolicyServer(IServicePolicy policy, int memoryTokens, int runningMax = int.MaxValue)
{
    private readonly List<PolicySequence> _live = [];
    private readonly HashSet<PolicySequence> _started = [];
    private readonly List<PolicySequence> _taken = [];
    private readonly List<PolicySequence> _residents = [];
    private long _numbers;

    public IServicePolicy Policy => policy;

    public IReadOnlyList<PolicySequence> Live => _live;

    /// <summary>Those that the latest selection took, in its order.</summary>
    public IReadOnlyList<PolicySequence> Taken => _taken;

    public Instant Now { get; private set; }

    public long Iteration { get; private set; }

    public int Displacements { get; private set; }

    public long OutputTokens { get; private set; }

    /// <summary>Requests in the order in which they were first taken.</summary>
    public List<PolicySequence> Starts { get; } = [];

    public Duration StepTime { get; init; } = Duration.FromMilliseconds(20);

    public Duration TimePerPromptToken { get; init; } = Duration.FromMicroseconds(300);

    public Duration TimePerTokenMoved { get; init; }

    /// <summary>Called with every sequence that was served, the prompt tokens and the output tokens.</summary>
    public Action<PolicySequence, int, int>? OnServed { get; set; }

    public FairnessMeter? Meter { get; init; }

    public PolicySequence Admit(string client, int promptTokens, int outputTokens, string user = "", int priority = 0)
    {
        var sequence = new PolicySequence(_numbers++)
        {
            Client = client,
            User = user,
            Priority = priority,
            PromptTokens = promptTokens,
            OutputTokensMax = outputTokens,
            AdmittedAt = Now,
            BlocksWanted = promptTokens + outputTokens,
        };
        _live.Add(sequence);
        policy.Arrived(sequence, Now);
        Meter?.Queued(client);
        return sequence;
    }

    public void AdvanceTo(Instant time) => Now = Instant.Max(Now, time);

    public void Cancel(PolicySequence sequence)
    {
        Assert.True(_live.Remove(sequence));
        _residents.Remove(sequence);
        policy.Left(sequence, Now);
        if (!sequence.IsResident)
        {
            Meter?.Dequeued(sequence.Client);
        }
    }

    /// <summary>One selection and one step of those it took. False when nobody is live.</summary>
    public bool Step()
    {
        if (_live.Count == 0)
        {
            return false;
        }

        var moved = Select();
        Assert.NotEmpty(_taken);
        Now += StepTime;
        Now += TimePerTokenMoved * moved;
        foreach (var sequence in _taken)
        {
            Now += TimePerPromptToken * (sequence.ComputedTokens == 0 ? sequence.PromptTokens : 0);
        }

        Iteration++;
        foreach (var sequence in _taken)
        {
            Serve(sequence);
        }

        return true;
    }

    public void RunToEnd(int stepsMax = 1_000_000)
    {
        for (var step = 0; Step(); step++)
        {
            Assert.True(step < stepsMax, $"{_live.Count} still live after {stepsMax} steps");
        }
    }

    private int Select()
    {
        _taken.Clear();
        var used = 0;
        policy.BeginSelection(_live, Iteration, Now);
        while (_taken.Count < runningMax && policy.Next() is PolicySequence next)
        {
            Assert.NotEqual(Iteration, next.TakenFor);
            if (used + next.BlocksWanted > memoryTokens)
            {
                break;
            }

            used += next.BlocksWanted;
            _taken.Add(next);
            next.TakenFor = Iteration;
            policy.Take(next);
        }

        return MoveMemory(memoryTokens - used);
    }

    private int MoveMemory(int free)
    {
        var moved = 0;
        var places = runningMax - _taken.Count;
        foreach (var sequence in _residents.Where(sequence => sequence.TakenFor != Iteration))
        {
            free -= sequence.BlocksWanted;
            if (free < 0 || --places < 0)
            {
                sequence.IsResident = false;
                Displacements++;
                Meter?.Queued(sequence.Client);
                moved += sequence.ComputedTokens;
            }
        }

        _residents.RemoveAll(sequence => !sequence.IsResident);
        foreach (var sequence in _taken.Where(sequence => !sequence.IsResident))
        {
            _residents.Add(sequence);
            sequence.IsResident = true;
            sequence.TokensSinceResumed = 0;
            Meter?.Dequeued(sequence.Client);
            moved += sequence.ComputedTokens;
            if (_started.Add(sequence))
            {
                Starts.Add(sequence);
            }
        }

        return moved;
    }

    private void Serve(PolicySequence sequence)
    {
        var prompt = sequence.ComputedTokens == 0 ? sequence.PromptTokens : 0;
        sequence.OutputTokens++;
        sequence.ComputedTokens = sequence.PromptTokens + sequence.OutputTokens - 1;
        sequence.BlocksHeld = sequence.ComputedTokens;
        sequence.TokensSinceResumed++;
        MeasureTimes(sequence);
        sequence.FirstTokenAt ??= Now;
        sequence.LastTokenAt = Now;
        OutputTokens++;
        policy.Served(sequence, prompt, 1, Now);
        Meter?.Served(sequence.Client, prompt, 1, Now);
        OnServed?.Invoke(sequence, prompt, 1);
        if (sequence.OutputTokens == sequence.OutputTokensMax)
        {
            _live.Remove(sequence);
            _residents.Remove(sequence);
            policy.Left(sequence, Now);
        }
    }

    private void MeasureTimes(PolicySequence sequence)
    {
        if (sequence.LastTokenAt is { } last)
        {
            Meter?.NextToken(sequence.Client, Now - last);
        }
        else
        {
            Meter?.FirstToken(sequence.Client, Now - sequence.AdmittedAt);
        }
    }
}
