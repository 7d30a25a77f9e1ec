using System.Collections.Immutable;
using Rubato.Hosting.Engine;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>An engine over the fake model.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    public const string ModelName = "fake/model-1";

    public TestEngine(TestEngineOptions? options = null)
    {
        Options = options ?? new TestEngineOptions();
        Scheduler = new ObservedScheduler(Options.Wrap(new Scheduler(Options.Scheduler)));
        Executor = new FakeExecutor(Options.Scheduler, Options.EndChance) { BeforeStep = Options.BeforeStep ?? (Options.Gate is { } gate ? gate.Pass : null) };
        Engine = new ServingEngine(Model() with { Pooling = Options.Pooling }, Executor, new ServingEngineSettings
        {
            Scheduler = Scheduler,
            Engine = Options.Engine,
            Time = Options.Time,
        });
    }

    public TestEngineOptions Options { get; }

    public ObservedScheduler Scheduler { get; }

    public FakeExecutor Executor { get; }

    public ServingEngine Engine { get; }

    public static ServedModel Model() => new()
    {
        Name = ModelName,
        Tokenizer = new FakeTokenizer(),
        RenderChat = FakeTokenizer.RenderChat,
        CreatedUnixSeconds = 1_700_000_000,
    };

    public static ImmutableArray<int> Prompt(string text) => [.. new FakeTokenizer().Encode(text, addSpecial: true, parseSpecial: false)];

    /// <summary>The text that any correct server gives for a prompt decoded greedily.</summary>
    public static string ExpectedText(IEnumerable<int> prompt, int outputTokensMax) =>
        new FakeTokenizer().Decode(FakeExecutor.Expect(prompt, outputTokensMax, SamplingParameters.Greedy));

    public async Task<GenerationHandle> StartAsync(params GenerationRequest[] requests)
    {
        var submission = await Wait.AtMost(Engine.SubmitAsync([.. requests]));
        Assert.Equal(AdmissionOutcome.Admitted, submission.Outcome);
        return submission.Generation!;
    }

    public static async Task<List<GenerationEvent>> ReadAsync(GenerationHandle generation)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        var events = new List<GenerationEvent>();
        await foreach (var next in generation.WithCancellation(limit.Token))
        {
            events.Add(next);
        }

        return events;
    }

    public ValueTask DisposeAsync()
    {
        Options.Gate?.Open();
        return Engine.DisposeAsync();
    }
}

internal sealed class TestEngineOptions
{
    public SchedulerOptions Scheduler { get; init; } = new();

    public EngineOptions Engine { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public EmbeddingPooling Pooling { get; init; } = EmbeddingPooling.Last;

    public double EndChance { get; init; }

    /// <summary>Holds every step until the test lets it pass; opened at the end.</summary>
    public StepGate? Gate { get; init; }

    public Action<StepPlan>? BeforeStep { get; init; }

    public Func<Scheduler, IScheduler> Wrap { get; init; } = scheduler => scheduler;
}
