using System.Collections.Concurrent;
using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>
/// A model whose next token is a hash of the tokens before it. It keeps tokens where a real one keeps keys and values, in the blocks
/// that the plan names, so that a wrong block table changes the text.
/// </summary>
internal sealed class FakeExecutor(SchedulerOptions options, double endChance = 0) : IStepExecutor
{
    public const int StateWidth = 6;

    private readonly int[] _cache = new int[options.KvBlocks * options.BlockTokens];
    private long _steps;

    /// <summary>Runs on the engine thread before a step that has slices; it may block or throw.</summary>
    public Action<StepPlan>? BeforeStep { get; set; }

    public long Steps => Interlocked.Read(ref _steps);

    /// <summary>The output that any correct batching must give.</summary>
    public static int[] Expect(
        IEnumerable<int> prompt, int outputTokensMax, SamplingParameters sampling, double endChance = 0, bool ignoresEnd = false)
    {
        var tokens = prompt.ToList();
        var output = new List<int>();
        while (output.Count < outputTokensMax)
        {
            var next = Next(tokens, sampling, endChance);
            tokens.Add(next);
            output.Add(next);
            if (next == FakeTokenizer.End && !ignoresEnd)
            {
                break;
            }
        }

        return [.. output];
    }

    public StepResult Execute(StepPlan plan)
    {
        BeforeStep?.Invoke(plan);
        Interlocked.Increment(ref _steps);
        var sampled = ImmutableArray.CreateBuilder<SampledToken>();
        var states = ImmutableArray.CreateBuilder<HiddenStates>();
        foreach (var slice in plan.Slices)
        {
            for (var i = 0; i < slice.Tokens.Length; i++)
            {
                _cache[Slot(slice, slice.Start + i)] = slice.Tokens[i];
            }

            if (slice.HiddenStates != HiddenStateUse.None)
            {
                var count = slice.HiddenStates == HiddenStateUse.All ? slice.Tokens.Length : 1;
                var end = slice.Start + slice.Tokens.Length;
                var cached = Enumerable.Range(0, end).Select(position => _cache[Slot(slice, position)]).ToArray();
                states.Add(new(slice.Request, end - count, StateWidth, Enumerable.Range(end - count, count).SelectMany(position => State(cached[..(position + 1)])).ToArray()));
            }

            if (slice.Samples)
            {
                var count = slice.Start + slice.Tokens.Length;
                var history = Enumerable.Range(0, count).Select(position => _cache[Slot(slice, position)]).ToList();
                var token = Next(history, slice.Sampling, endChance);
                sampled.Add(new SampledToken(slice.Request, token, false, LogProbabilities(slice.Sampling, token)));
            }
        }

        return new StepResult(sampled.DrainToImmutable()) { HiddenStates = states.DrainToImmutable() };
    }

    /// <summary>The hidden state after these tokens.</summary>
    public static float[] State(IEnumerable<int> tokens)
    {
        var random = new Prng(tokens.Aggregate(1UL, (hash, token) => Prng.Mix(hash, (ulong)token)));
        return [.. Enumerable.Range(0, StateWidth).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    private int Slot(SequenceSlice slice, int position) =>
        slice.Blocks[position / options.BlockTokens].Value * options.BlockTokens + position % options.BlockTokens;

    private static int Next(IReadOnlyList<int> tokens, SamplingParameters sampling, double endChance)
    {
        var hash = sampling.Temperature > 0 ? sampling.Seed : 0;
        foreach (var token in tokens)
        {
            hash = Prng.Mix(hash, (ulong)token);
        }

        var random = new Prng(hash);
        var words = new FakeTokenizer().VocabularySize - FakeTokenizer.FirstWord;
        return random.NextDouble() < endChance ? FakeTokenizer.End : FakeTokenizer.FirstWord + random.NextInt32(words);
    }

    private static TokenLogProbabilities? LogProbabilities(SamplingParameters sampling, int token)
    {
        if (sampling.LogProbabilityCount is not { } count)
        {
            return null;
        }

        var top = Enumerable.Range(0, count).Select(i => new TokenLogProbability(i == 0 ? token : FakeTokenizer.FirstWord + i, -0.5 - i));
        return new TokenLogProbabilities(-0.5, [.. top]);
    }
}

/// <summary>Lets steps pass one at a time.</summary>
internal sealed class StepGate
{
    private readonly SemaphoreSlim _allowed = new(0);
    private readonly BlockingCollection<StepPlan> _arrived = [];
    private volatile bool _open;

    /// <summary>To be called by the executor before a step.</summary>
    public void Pass(StepPlan plan)
    {
        if (!_open)
        {
            _arrived.Add(plan);
            Assert.True(_allowed.Wait(Wait.Limit), "the test never let the step pass");
        }
    }

    /// <summary>Waits until a step stands at the gate.</summary>
    public StepPlan WaitForStep()
    {
        Assert.True(_arrived.TryTake(out var plan, Wait.Limit), "no step came");
        return plan;
    }

    /// <summary>Lets the step at the gate pass.</summary>
    public void Release() => _allowed.Release();

    /// <summary>Lets this and all later steps pass.</summary>
    public void Open()
    {
        _open = true;
        _allowed.Release(1000);
    }
}
