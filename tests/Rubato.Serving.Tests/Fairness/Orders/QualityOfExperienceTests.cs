using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Fairness.Orders;

namespace Rubato.Serving.Tests.Fairness.Orders;

public sealed class QualityOfExperienceTests
{
    private static readonly Prng Random = new(3);

    [Fact]
    public void A_sequence_whose_user_has_read_all()
    {
        var quality = new QualityOfExperience(1, 0.2, 5);
        Assert.Equal(1, quality.IfServed(10, 20, 9, 0.05));
        Assert.Equal(0.462222, quality.IfNotServed(10, 20), 6);

        var policy = new QualityOfExperiencePolicy(new() { HorizonSeconds = 5, ServedTokenSeconds = 0.05 });
        var sequence = new PolicySequence(0) { IsResident = true, OutputTokens = 20, LastTokenAt = Instant.FromSeconds(9) };
        Assert.Equal(0.806667, policy.ValueOf(sequence, Instant.FromSeconds(10)), 6);
        sequence.IsResident = false;
        Assert.Equal(0.806667 / 1.5, policy.ValueOf(sequence, Instant.FromSeconds(10)), 6);
    }

    [Fact]
    public void A_sequence_without_a_token_that_is_late()
    {
        var quality = new QualityOfExperience(1, 0.2, 1);
        Assert.Equal(0.888889, quality.IfServed(2, 0, 0, 0.1), 6);
        Assert.Equal(0, quality.IfNotServed(2, 0));

        var policy = new QualityOfExperiencePolicy(new() { HorizonSeconds = 1, ServedTokenSeconds = 0.1 });
        Assert.Equal(0.888889, policy.ValueOf(new PolicySequence(0), Instant.FromSeconds(2)), 6);
    }

    [Fact]
    public void Waiting_is_no_loss_when_the_first_token_is_not_due_at_the_horizon()
    {
        Assert.Equal(1, new QualityOfExperience(3, 0.2, 1).IfNotServed(2, 0));
        Assert.Equal(0, new QualityOfExperience(3, 0.2, 1).IfNotServed(2.01, 0));
    }

    [Fact]
    public void Qualities_lie_between_0_and_1_and_service_never_makes_them_worse()
    {
        for (var i = 0; i < 20_000; i++)
        {
            var quality = new QualityOfExperience(5 * Random.NextDouble(), 0.01 + Random.NextDouble(), 0.1 + 10 * Random.NextDouble());
            var elapsed = 100 * Random.NextDouble();
            var tokens = Random.NextInt32(1, 2000);
            var served = quality.IfServed(elapsed, tokens, elapsed * Random.NextDouble(), 0.001 + Random.NextDouble());
            var waits = quality.IfNotServed(elapsed, tokens);

            Assert.InRange(served, waits, 1);
            Assert.InRange(waits, 0, 1);
        }
    }

    [Fact]
    public void Value_per_block_decides_once_memory_is_nearly_full()
    {
        var policy = ServicePolicies.Create("qoe", new() { DeviceBlocks = 100, ServedTokenSeconds = 0.05 });
        PolicySequence ahead = new(0) { IsResident = true, OutputTokens = 500, LastTokenAt = Instant.FromSeconds(5), BlocksHeld = 60, BlocksWanted = 60 };
        PolicySequence large = new(1) { BlocksWanted = 50 };
        PolicySequence small = new(2) { BlocksWanted = 5 };

        Assert.Equal([0, 1, 2], Order(policy, [ahead, large, small]));
        ahead.BlocksHeld = 90;
        Assert.Equal([2, 1, 0], Order(policy, [ahead, large, small]));
    }

    [Fact]
    public void Time_per_token_is_measured_from_step_to_step()
    {
        var policy = new QualityOfExperiencePolicy(new());
        Assert.Equal(0.2, policy.Latency);
        var sequence = new PolicySequence(0);
        for (var step = 0; step < 200; step++)
        {
            policy.BeginSelection([sequence], step, Instant.FromSeconds(0.03 * step));
            policy.Take(policy.Next()!);
        }

        Assert.Equal(0.03, policy.Latency, 6);
    }

    private static IEnumerable<long> Order(IServicePolicy policy, PolicySequence[] live)
    {
        policy.BeginSelection(live, 0, Instant.FromSeconds(6));
        while (policy.Next() is { } next)
        {
            yield return next.ArrivalNumber;
        }
    }
}
