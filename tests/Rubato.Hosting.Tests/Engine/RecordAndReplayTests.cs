using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Tests.Testing;
using Rubato.Serving;
using Rubato.Serving.Journal;
using Rubato.Simulation.Serving;

namespace Rubato.Hosting.Tests.Engine;

/// <summary>One scheduler, two clocks: what a live run planned, the simulated world plans again, byte for byte.</summary>
public sealed class RecordAndReplayTests
{
    [Fact]
    public async Task LiveRunWithConcurrentClientsCancelsAndFailures_ReplaysIdentically()
    {
        using var journal = new MemoryStream();
        var steps = 0;
        var options = new TestEngineOptions
        {
            Scheduler = new() { KvBlocks = 16, RunningMax = 12, WaitingMax = 40, TokenBudgetPerStep = 64 },
            EndChance = 0.01,
            Wrap = scheduler => new RecordingScheduler(scheduler, journal),
            BeforeStep = _ =>
            {
                if (++steps % 97 == 0)
                {
                    throw new InvalidOperationException("a kernel failed");
                }
            },
        };
        await using (var engine = new TestEngine(options))
        {
            await Wait.AtMost(Task.WhenAll(Enumerable.Range(0, 24).Select(client => Task.Run(() => RunClientAsync(engine, client)))));
            await engine.Engine.DrainAsync();
            Assert.True(engine.Engine.Snapshot.Preemptions > 0);
        }

        journal.Position = 0;
        var replay = SchedulerReplay.Run(new JournalReader(journal));
        Assert.True(replay.Identical, replay.FirstDifference);
        Assert.True(replay.Plans > 200, $"{replay.Plans} plans");
        Assert.True(replay.Calls > replay.Plans * 2);
    }

    private static async Task RunClientAsync(TestEngine engine, int client)
    {
        var random = new Prng(5).Split((ulong)client);
        for (var i = 0; i < 6; i++)
        {
            var submission = await engine.Engine.SubmitAsync(new GenerationRequest
            {
                Client = $"client {client}",
                PromptTokens = TestEngine.Prompt(new string('p', 1 + random.NextInt32(150))),
                OutputTokensMax = 1 + random.NextInt32(80),
                Sampling = new SamplingParameters { Seed = random.NextUInt64() },
                StopTexts = random.Chance(1, 3) ? [" beat"] : [],
            });
            if (submission.Generation is not { } generation)
            {
                continue;
            }

            var patience = random.Chance(1, 3) ? random.NextInt32(20) : int.MaxValue;
            try
            {
                await foreach (var _ in generation)
                {
                    if (patience-- == 0)
                    {
                        break;
                    }
                }
            }
            catch (GenerationFailedException)
            {
                // Every ninety-seventh step fails.
            }
        }
    }
}
