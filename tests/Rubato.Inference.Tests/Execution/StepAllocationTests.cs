using System.Runtime.CompilerServices;
using Rubato.Core;
using Rubato.Kernels.Attention;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Execution;

/// <summary>Steps in the steady state allocate nothing but what they return. Alone, because what is counted is the whole process.</summary>
[Collection(nameof(StepAllocationTests))]
[CollectionDefinition(nameof(StepAllocationTests), DisableParallelization = true)]
public class StepAllocationTests
{
    private const int Steps = 300;

    // Code that the JIT has not optimised yet puts numbers in boxes; it takes some hundred milliseconds to come to it.
    private const int RoundsMax = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Execute_SteadyDecode_AllocatesOnlyItsResult(int sequences)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 25);
        using var harness = new Harness(file, blocks: 8);
        var plan = new StepPlan
        {
            Step = 0,
            PlannedAt = Instant.Zero,
            Slices = [.. Enumerable.Range(0, sequences).Select(i => Harness.Slice(i, 0, [i, i + 1], [new BlockId(i)]))],
        };

        // A result: header, type, two arrays. Its array: header, type, length, tokens.
        var expected = (4 * 8) + (3 * 8) + (sequences * Unsafe.SizeOf<SampledToken>());
        Assert.Equal(expected, LeastPerStep(expected, () => _ = harness.Executor.Execute(plan)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Run_SteadyPasses_NoThreadAllocates(int sequences)
    {
        using var file = RandomModel.Write(RandomModel.Configuration, seed: 26);
        using var harness = new Harness(file, blocks: 8, workers: 3, format: KvFormat.Q8_0);
        var blocks = harness.Table();
        var position = 0;
        Assert.Equal(0, LeastPerStep(0, () =>
        {
            harness.Pass.Clear();
            for (var i = 0; i < sequences; i++)
            {
                harness.Pass.Append(position % 16, [i], blocks.AsSpan(i, 1), 1);
            }

            harness.Pass.Run();
            position++;
        }));
    }

    /// <summary>Bytes that all threads of the process allocate in a step: the least of rounds of some hundred steps, the first that is as low as it should be.</summary>
    private static long LeastPerStep(long expected, Action step)
    {
        var least = long.MaxValue;
        for (var round = 0; round < RoundsMax && least > expected; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Steps; i++)
            {
                step();
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Steps);
        }

        return least;
    }
}
