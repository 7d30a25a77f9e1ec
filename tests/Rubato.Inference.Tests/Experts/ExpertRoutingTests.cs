using CsCheck;
using Rubato.Inference.Experts;

namespace Rubato.Inference.Tests.Experts;

public class ExpertRoutingTests
{
    private static readonly Gen<(int Experts, int Used, int Rows, bool Normalizes, ulong Seed)> Problems =
        from experts in Gen.Int[1, 20]
        from used in Gen.Int[1, experts]
        from rows in Gen.Int[1, 30]
        from normalizes in Gen.Bool
        from seed in Gen.ULong
        select (experts, used, rows, normalizes, seed);

    [Fact]
    public void Choose_TakesTheMostProbableAndPutsEveryPairInAPlaceOfItsExpert() => Problems.Sample(problem =>
    {
        var (experts, used, rows, normalizes, seed) = problem;
        var logits = Logits(experts, rows, seed);
        var routing = new ExpertRouting(experts, used, normalizes, 1);
        routing.Choose((float[])logits.Clone(), rows);
        Assert.Equal(Enumerable.Range(0, rows * used), routing.Slots.ToArray().Order());
        for (var row = 0; row < rows; row++)
        {
            var own = logits[(row * experts)..((row + 1) * experts)];
            var sum = own.Sum(value => Math.Exp(value));
            var probable = Enumerable.Range(0, experts).OrderByDescending(expert => own[expert]).Take(used).ToArray();
            var share = normalizes ? probable.Sum(expert => Math.Exp(own[expert]) / sum) : 1;
            for (var rank = 0; rank < used; rank++)
            {
                var slot = routing.Slots[(row * used) + rank];
                Assert.Equal(row, routing.RowOfSlot[slot]);
                var (start, length) = routing.SlotsOf(probable[rank]).GetOffsetAndLength(rows * used);
                Assert.InRange(slot, start, start + length - 1);
                Assert.Equal(Math.Exp(own[probable[rank]]) / sum / share, routing.Weights[(row * used) + rank], 1e-5);
            }
        }
    }, iter: 200);

    [Fact]
    public void Choose_ARowByItself_SameBitsAsAmongOthers() => Problems.Sample(problem =>
    {
        var (experts, used, rows, normalizes, seed) = problem;
        var logits = Logits(experts, rows, seed);
        var all = new ExpertRouting(experts, used, normalizes, 1.5f);
        var one = new ExpertRouting(experts, used, normalizes, 1.5f);
        all.Choose((float[])logits.Clone(), rows);
        one.Choose(logits[((rows - 1) * experts)..], 1);
        Assert.Equal(one.Weights.ToArray(), all.Weights[((rows - 1) * used)..].ToArray());
    }, iter: 100);

    [Fact]
    public void Choose_EqualOrMeaninglessLogits_StillGivesDistinctExperts()
    {
        var routing = new ExpertRouting(4, 3, true, 1);
        routing.Choose([1, 1, 1, 1], 1);
        Assert.Equal([0, 1, 2], routing.Slots.ToArray());
        Assert.Equal(1..2, routing.SlotsOf(1));
        Assert.All(routing.Weights.ToArray(), weight => Assert.Equal(1f / 3, weight, 1e-6));
        routing.Choose([float.NaN, 1, float.NaN, 2], 1);
        Assert.Equal([0, 1, 2], routing.Slots.ToArray().Order());
        Assert.All(routing.Weights.ToArray(), weight => Assert.True(float.IsNaN(weight)));
    }

    private static float[] Logits(int experts, int rows, ulong seed)
    {
        var prng = new Core.Prng(seed);
        return [.. Enumerable.Range(0, rows * experts).Select(_ => (float)((prng.NextDouble() * 10) - 5))];
    }
}
