using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class LinearCostModelTests
{
    [Fact]
    public void The_cost_is_the_documented_sum()
    {
        var cost = new LinearCostModel
        {
            BaseNanoseconds = 1000,
            PrefillTokenNanoseconds = 10,
            DecodeSequenceNanoseconds = 100,
            KvTokenNanoseconds = 1,
        };
        var prefill = Slice(start: 8, tokens: 4);
        var decode = Slice(start: 20, tokens: 1);

        Assert.Equal(new Duration(0), cost.StepDuration(Plan()));
        Assert.Equal(new Duration(1000 + 4 * 10 + 12), cost.StepDuration(Plan(prefill)));
        Assert.Equal(new Duration(1000 + 100 + 21), cost.StepDuration(Plan(decode)));
        Assert.Equal(new Duration(1000 + 4 * 10 + 12 + 2 * (100 + 21)), cost.StepDuration(Plan(prefill, decode, decode)));
    }

    private static StepPlan Plan(params SequenceSlice[] slices) => new() { Step = 0, PlannedAt = default, Slices = [.. slices] };

    private static SequenceSlice Slice(int start, int tokens) => new()
    {
        Request = new(1),
        Start = start,
        Tokens = [.. Enumerable.Range(1, tokens)],
        Blocks = [],
        Samples = true,
        Sampling = SamplingParameters.Greedy,
    };
}
