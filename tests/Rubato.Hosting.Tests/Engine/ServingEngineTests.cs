using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.Testing;
using Rubato.Serving;

namespace Rubato.Hosting.Tests.Engine;

public sealed class ServingEngineTests
{
    private static GenerationRequest Greedy(string prompt, int outputTokens) =>
        new() { PromptTokens = TestEngine.Prompt(prompt), OutputTokensMax = outputTokens };

    [Fact]
    public async Task SixtyFourSequencesAtOnce_EachGivesItsOwnText()
    {
        // A pool too small for all makes the scheduler preempt and recompute.
        await using var engine = new TestEngine(new() { Scheduler = new() { KvBlocks = 40, TokenBudgetPerStep = 96, RunningMax = 48 } });
        var requests = Enumerable.Range(0, 64).Select(i => Greedy($"prompt number {i}", 20 + i)).ToArray();
        var events = (await TestEngine.ReadAsync(await engine.StartAsync(requests))).ToLookup(next => next.Sequence);
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.Equal(TestEngine.ExpectedText(requests[i].PromptTokens, 20 + i), string.Concat(events[i].Select(next => next.Text)));
            var end = events[i].Last().End!;
            Assert.Equal(new GenerationEnd(FinishReason.Length, requests[i].PromptTokens.Length, 20 + i), end with { CachedTokens = 0 });
            Assert.True(end.CachedTokens is 0 or 16, $"{end}"); // Ten prompts share each first digit.
        }

        Assert.True(engine.Engine.Snapshot.Preemptions > 0);
    }

    [Fact]
    public async Task RequestsThatBreakARule_FailTheirCallerOnly()
    {
        await using var engine = new TestEngine();
        var good = Greedy("still served", 8);
        await Assert.ThrowsAnyAsync<Exception>(() => engine.Engine.SubmitAsync(
            good with { Sampling = new() { Temperature = double.NaN } }, TestContext.Current.CancellationToken));
        var refused = await engine.Engine.SubmitAsync(good with { OutputTokensMax = -2 }, TestContext.Current.CancellationToken);
        Assert.Equal(AdmissionOutcome.InvalidOutputLimit, refused.Outcome);
        var events = await TestEngine.ReadAsync(await engine.StartAsync(good));
        Assert.Equal(TestEngine.ExpectedText(good.PromptTokens, 8), string.Concat(events.Select(next => next.Text)));
    }

    [Fact]
    public async Task SubmissionWhoseLaterSequenceBreaksARule_ThrowsThatRule_AndLeavesNothingBehind()
    {
        await using var engine = new TestEngine();
        var good = Greedy("admitted before the other", 4000);
        var bad = good with { Sampling = new() { Temperature = double.NaN } };
        var (admitted, cancelled) = (new List<RequestId>(), new List<RequestId>());
        engine.Scheduler.Admitting = request => admitted.Add(request.Id);
        engine.Scheduler.Cancelled = cancelled.Add;
        var error = await Assert.ThrowsAsync<InvariantViolationException>(() => Wait.AtMost(engine.Engine.SubmitAsync([good, bad])));
        Assert.Contains("emperature", error.Message, StringComparison.Ordinal);
        Assert.Equal([admitted[0]], cancelled);
        Assert.Equal(3, (await TestEngine.ReadAsync(await engine.StartAsync(Greedy("afterwards", 3))))[^1].End!.OutputTokens);
    }

    [Fact]
    public async Task TokensOfAllEvents_AreTheTokensGenerated()
    {
        await using var engine = new TestEngine();
        var request = Greedy("tokens", 100);
        var events = await TestEngine.ReadAsync(await engine.StartAsync(request));
        var expected = FakeExecutor.Expect(request.PromptTokens, 100, SamplingParameters.Greedy);
        Assert.Equal(expected, events.SelectMany(next => next.Tokens).Select(token => token.Token));
    }

    [Fact]
    public async Task EndOfText_EndsTheSequence_UnlessIgnored()
    {
        await using var engine = new TestEngine(new() { EndChance = 0.05 });
        var request = Greedy("ends somewhere", 400);
        var expected = FakeExecutor.Expect(request.PromptTokens, 400, SamplingParameters.Greedy, 0.05);
        Assert.Equal(FakeTokenizer.End, expected[^1]);

        var end = (await TestEngine.ReadAsync(await engine.StartAsync(request)))[^1].End!;
        Assert.Equal((FinishReason.Stop, expected.Length), (end.Reason, end.OutputTokens));

        var all = (await TestEngine.ReadAsync(await engine.StartAsync(request with { IgnoresEndOfText = true })))[^1].End!;
        Assert.Equal((FinishReason.Length, 400), (all.Reason, all.OutputTokens));
    }

    [Fact]
    public async Task StopText_EndsBeforeItsFirstOccurrence_WhereverItIs()
    {
        await using var engine = new TestEngine();
        var request = Greedy("stops", 200);
        var full = TestEngine.ExpectedText(request.PromptTokens, 200);
        for (var start = 1; start < 60; start += 7)
        {
            var stop = full.Substring(start, 9);
            var events = await TestEngine.ReadAsync(await engine.StartAsync(request with { StopTexts = [stop] }));
            Assert.Equal(full[..full.IndexOf(stop, StringComparison.Ordinal)], string.Concat(events.Select(next => next.Text)));
            Assert.Equal(FinishReason.Stop, events[^1].End!.Reason);
            Assert.All(events, next => Assert.DoesNotContain(stop, next.Text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task FailingStep_EndsItsSequencesWithAnError_AndTheEngineGoesOn()
    {
        var fails = false;
        await using var engine = new TestEngine(new()
        {
            BeforeStep = _ =>
            {
                if (Interlocked.Exchange(ref fails, false))
                {
                    throw new InvalidOperationException("a kernel failed");
                }
            },
        });
        Assert.Equal(30, (await TestEngine.ReadAsync(await engine.StartAsync(Greedy("before", 30))))[^1].End!.OutputTokens);
        Volatile.Write(ref fails, true);
        var hit = await engine.StartAsync(Greedy("hit", 30), Greedy("its companion", 30));
        var error = await Assert.ThrowsAsync<GenerationFailedException>(() => TestEngine.ReadAsync(hit));
        Assert.Equal("a kernel failed", error.InnerException!.Message);

        var after = Greedy("after", 30);
        Assert.Equal(TestEngine.ExpectedText(after.PromptTokens, 30), string.Concat((await TestEngine.ReadAsync(await engine.StartAsync(after))).Select(next => next.Text)));
        Assert.Equal((0, 0, EngineState.Running), (engine.Engine.Snapshot.UsedBlocks, engine.Engine.Snapshot.Running, engine.Engine.Snapshot.State));
    }

    [Fact]
    public async Task ExecutorThatAnswersWrongly_FailsTheStepOnly()
    {
        await using var engine = new TestEngine();
        await using var wrong = new ServingEngine(TestEngine.Model(), new WrongExecutor(), new() { Scheduler = new Scheduler(new()) });
        var submission = await wrong.SubmitAsync(Greedy("x", 3));
        await Assert.ThrowsAsync<GenerationFailedException>(() => TestEngine.ReadAsync(submission.Generation!));
        Assert.Equal(EngineState.Running, wrong.Snapshot.State);
    }

    [Fact]
    public async Task Cancel_FreesTheBlocksBeforeTheNextStep()
    {
        var gate = new StepGate();
        await using var engine = new TestEngine(new() { Gate = gate });
        var stays = await engine.StartAsync(Greedy("stays", 50));
        gate.WaitForStep();
        gate.Release();
        var leavesTask = engine.StartAsync(Greedy(new string('x', 100), 500));
        gate.WaitForStep();
        gate.Release();
        var leaves = await leavesTask;
        var plan = gate.WaitForStep();
        while (plan.Slices.Length < 2)
        {
            gate.Release();
            plan = gate.WaitForStep();
        }

        // The step that stands at the gate still uses the blocks; the one after it must not.
        leaves.Cancel();
        gate.Release();
        plan = gate.WaitForStep();
        Assert.Equal([plan.Slices[0].Request], plan.Slices.Select(slice => slice.Request));
        gate.Release();
        gate.WaitForStep();
        Assert.Equal((1, 0), (engine.Engine.Snapshot.Running, engine.Engine.Snapshot.Waiting));
        Assert.InRange(engine.Engine.Snapshot.UsedBlocks, 1, 2);
        stays.Cancel();
    }

    [Fact]
    public async Task ReaderThatNeverReads_HoldsNobodyUp()
    {
        await using var engine = new TestEngine();
        var unread = await engine.StartAsync(Greedy("nobody reads this", 300));
        var read = await TestEngine.ReadAsync(await engine.StartAsync(Greedy("this is read", 600)));
        Assert.Equal(600, read[^1].End!.OutputTokens);
        Assert.Equal(300, (await TestEngine.ReadAsync(unread))[^1].End!.OutputTokens);
    }

    [Fact]
    public async Task LeavingTheEnumeration_Cancels()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new TestEngine(new() { Scheduler = new() { KvBlocks = 8192, ContextTokens = 100_000 } });
        engine.Scheduler.Cancelled = _ => cancelled.TrySetResult();
        await foreach (var next in await engine.StartAsync(Greedy("leave early", 90_000)))
        {
            Assert.Null(next.End);
            break;
        }

        await Wait.AtMost(cancelled.Task);
    }

    [Fact]
    public async Task SubmissionOfSeveral_IsAdmittedWholeOrNotAtAll()
    {
        var gate = new StepGate();
        await using var engine = new TestEngine(new() { Gate = gate, Scheduler = new() { RunningMax = 2, WaitingMax = 1 } });
        var first = await engine.StartAsync(Greedy("one", 10), Greedy("two", 10));
        var refusedTask = engine.Engine.SubmitAsync([Greedy("three", 10), Greedy("four", 10)]);
        gate.Open();
        Assert.Equal(AdmissionOutcome.QueueFull, (await Wait.AtMost(refusedTask)).Outcome);
        Assert.Equal(2, (await TestEngine.ReadAsync(first)).Count(next => next.End is not null));
        Assert.Equal(0, engine.Engine.Snapshot.Waiting);
    }

    [Fact]
    public async Task Drain_LetsRunningSequencesFinish_AndTakesNoMore()
    {
        var gate = new StepGate();
        await using var engine = new TestEngine(new() { Gate = gate });
        var running = await engine.StartAsync(Greedy("finish me", 5));
        gate.WaitForStep();
        var drained = engine.Engine.DrainAsync(TestContext.Current.CancellationToken);
        var late = engine.Engine.SubmitAsync(Greedy("too late", 5), TestContext.Current.CancellationToken);
        gate.Open();
        Assert.Equal(AdmissionOutcome.ShuttingDown, (await Wait.AtMost(late)).Outcome);
        Assert.Equal(5, (await TestEngine.ReadAsync(running))[^1].End!.OutputTokens);
        await Wait.AtMost(drained);
        Assert.Equal(EngineState.Stopped, engine.Engine.Snapshot.State);
    }

    [Fact]
    public async Task Drain_BreaksOffWhatOutlivesTheDrainTime()
    {
        var time = new FakeTimeProvider();
        var gate = new StepGate();
        await using var engine = new TestEngine(new() { Gate = gate, Time = time, Engine = new() { DrainSeconds = 3 } });
        var running = await engine.StartAsync(Greedy("never finishes in time", 1000));
        gate.WaitForStep();
        var drained = engine.Engine.DrainAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(drained.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        gate.Open();
        await Wait.AtMost(drained);
        await Assert.ThrowsAsync<GenerationFailedException>(() => TestEngine.ReadAsync(running));
    }

    private sealed class WrongExecutor : IStepExecutor
    {
        public StepResult Execute(StepPlan plan) => new([]);
    }
}
