namespace Rubato.Serving.Tests;

public sealed class SchedulerAdmissionTests
{
    private static SchedulerHarness Harness() => new(new()
    {
        BlockTokens = 4,
        KvBlocks = 10,
        TokenBudgetPerStep = 8,
        RunningMax = 2,
        WaitingMax = 3,
        ContextTokens = 50,
    });

    [Theory]
    [InlineData(0, 5, AdmissionOutcome.EmptyPrompt)]
    [InlineData(5, 0, AdmissionOutcome.InvalidOutputLimit)]
    [InlineData(5, -1, AdmissionOutcome.InvalidOutputLimit)]
    [InlineData(25, 25, AdmissionOutcome.ExceedsMemory)]
    [InlineData(25, 26, AdmissionOutcome.PromptTooLong)]
    [InlineData(25, int.MaxValue, AdmissionOutcome.PromptTooLong)]
    [InlineData(20, 20, AdmissionOutcome.Admitted)]
    [InlineData(20, 21, AdmissionOutcome.ExceedsMemory)]
    public void A_request_is_judged_at_the_door(int promptTokens, int outputTokensMax, AdmissionOutcome expected)
    {
        var harness = Harness();

        Assert.Equal(expected, harness.Scheduler.Admit(SchedulerHarness.Request(1, promptTokens, outputTokensMax), harness.Tick()));
        Assert.Equal(expected == AdmissionOutcome.Admitted ? 1 : 0, harness.Scheduler.Snapshot.Waiting);
    }

    [Fact]
    public void The_output_limit_is_exactly_what_is_admitted()
    {
        for (var prompt = 1; prompt < 60; prompt++)
        {
            var limit = Harness().Scheduler.Limits.OutputTokensLimit(prompt);
            Assert.Equal(limit > 0, Admitted(prompt, limit));
            Assert.False(Admitted(prompt, limit + 1));
        }

        static bool Admitted(int prompt, int output) =>
            Harness().Scheduler.Admit(SchedulerHarness.Request(1, prompt, output), new(0)) == AdmissionOutcome.Admitted;
    }

    [Fact]
    public void A_full_queue_refuses_and_has_room_again_when_a_request_ends()
    {
        var harness = Harness();
        for (var i = 0; i < 5; i++)
        {
            harness.Admit(2, 2);
        }

        Assert.Equal(AdmissionOutcome.QueueFull, harness.Scheduler.Admit(SchedulerHarness.Request(9, 2, 2), harness.Tick()));
        while (harness.Finished.Count == 0)
        {
            harness.Step();
        }

        Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(SchedulerHarness.Request(9, 2, 2), harness.Tick()));
        Assert.Equal(1, harness.Scheduler.Snapshot.Counters.Refused);
    }

    [Fact]
    public void An_identity_is_taken_until_its_end_is_reported()
    {
        var harness = Harness();
        var id = harness.Admit(2, 2);
        Assert.Equal(AdmissionOutcome.DuplicateId, harness.Scheduler.Admit(SchedulerHarness.Request(id.Value, 2, 2), harness.Tick()));

        harness.Scheduler.Cancel(id, harness.Tick());
        Assert.Equal(AdmissionOutcome.DuplicateId, harness.Scheduler.Admit(SchedulerHarness.Request(id.Value, 2, 2), harness.Tick()));

        harness.Step();
        Assert.Equal(AdmissionOutcome.Admitted, harness.Scheduler.Admit(SchedulerHarness.Request(id.Value, 2, 2), harness.Tick()));
    }
}
