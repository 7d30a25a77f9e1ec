using CsCheck;
using Rubato.Inference.Sampling;

namespace Rubato.Inference.Tests.Sampling;

public class CandidateHeapTests
{
    private static readonly Gen<float> Key = Gen.Frequency(
        (8, Gen.Int[-400, 400].Select(number => number / 16f)),
        (1, Gen.Const(float.NegativeInfinity)),
        (1, Gen.Float[-1e30f, 50]));

    [Fact]
    public void Start_WhateverIsEnough_KeepsABeginningOfTheOrderThatIs() =>
        Gen.Select(Key.Array[1, 300], Gen.Int[1, 320], Gen.Double[0, 1.2], Gen.Double[0, 40], Gen.Double[0.01, 50]).Sample(
            (keys, count, share, distance, scale) =>
            {
                keys[keys.Length / 2] = 3;
                var order = Enumerable.Range(0, keys.Length).Where(token => !float.IsNegativeInfinity(keys[token]))
                    .OrderByDescending(token => keys[token]).ThenBy(token => token).ToArray();
                var largest = keys[order[0]];
                var weights = keys.Select(key => MathF.Exp((key - largest) * (float)scale)).ToArray();
                var total = weights.Sum(weight => (double)weight);
                foreach (var wanted in new CandidateHeap.Wanted[]
                {
                    new(count, double.PositiveInfinity, double.PositiveInfinity, (float)scale),
                    new(int.MaxValue, share * total, double.PositiveInfinity, (float)scale),
                    new(int.MaxValue, double.PositiveInfinity, distance, (float)scale),
                    new(count, share * total, distance, (float)scale),
                })
                {
                    var heap = new CandidateHeap().Start(keys, weights, wanted);
                    Assert.InRange(heap.Count, 1, order.Length);
                    Assert.Equal(order[..heap.Count], Enumerable.Range(0, heap.Count).Select(heap.Next));
                    var kept = order[..heap.Count];
                    var within = order.Count(token => (largest - keys[token]) * scale <= wanted.Distance);
                    Assert.True(
                        kept.Length >= Math.Min(wanted.Count, order.Length)
                        || kept.Sum(token => (double)weights[token]) >= wanted.Weight - (1e-9 * total)
                        || kept.Length >= within,
                        $"{kept.Length} of {order.Length} kept for {wanted}");
                }
            },
            iter: FuzzScale.Times(2_000));

    [Fact]
    public void Start_LargeVocabulary_OrdersOnlyWhatIsWanted()
    {
        var keys = Enumerable.Range(0, 150_000).Select(token => (token * 7919 % 150_000) / 5_000f).ToArray();
        var weights = keys.Select(key => MathF.Exp(key - 30)).ToArray();
        var heap = new CandidateHeap().Start(keys, weights, new(40, double.PositiveInfinity, double.PositiveInfinity, 1));
        Assert.InRange(heap.Count, 40, 3_000);
    }

    [Fact]
    public void Start_UsedAgain_ForgetsTheFormerKeys()
    {
        var heap = new CandidateHeap();
        heap.Start([5, 4, 3, 2, 1], [1, 1, 1, 1, 1], new(3, double.PositiveInfinity, double.PositiveInfinity, 1)).Next(2);
        heap.Start([1, 9], [1, 1], new(int.MaxValue, double.PositiveInfinity, double.PositiveInfinity, 1));
        Assert.Equal([1, 0], Enumerable.Range(0, heap.Count).Select(heap.Next));
    }
}
