using Rubato.Core;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Attention;

public class PagedAttentionTests
{
    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Attend_AnyShape_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        foreach (var (heads, shared, dimension, blockTokens, tokens) in new[] { (1, 1, 4, 1, 3), (4, 2, 16, 4, 9), (6, 2, 20, 5, 33), (3, 3, 48, 16, 21), (8, 1, 64, 3, 12) })
        {
            foreach (var format in Enum.GetValues<KvFormat>())
            {
                var shape = new KvShape(2, shared, dimension, blockTokens, format);
                var problem = new Problem(shape, heads, tokens, seed: 1);
                var expected = problem.Run(VectorWidth.Scalar, shuffle: 0, tokens);
                Numbers.AssertSameBits(expected, problem.Run(width, shuffle: 0, tokens), $"{shape}");
                if (format == KvFormat.F32)
                {
                    Assert.All(problem.Exact().Zip(expected), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
                }
                else
                {
                    // Numbers of up to 2 that are rounded: values directly, keys through the softmax.
                    Assert.All(problem.Exact().Zip(expected), pair => Assert.Equal(pair.First, pair.Second, format == KvFormat.F16 ? 5e-3 : 5e-2));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbers.Widths), MemberType = typeof(Numbers))]
    public void Attend_WindowsScalesAndSoftCaps_SameBitsAsDefinitionAndNearDoublePrecision(VectorWidth width)
    {
        foreach (var rule in Rules)
        {
            foreach (var (heads, shared, blockTokens, tokens) in new[] { (1, 1, 1, 3), (4, 2, 4, 9), (6, 2, 5, 33), (8, 1, 3, 12), (2, 2, 16, 40) })
            {
                var problem = new Problem(new(2, shared, 20, blockTokens, KvFormat.F32), heads, tokens, seed: 3, rule);
                var expected = problem.Run(VectorWidth.Scalar, shuffle: 0, tokens);
                Numbers.AssertSameBits(expected, problem.Run(width, shuffle: 0, tokens), $"{rule}");
                Assert.All(problem.Exact().Zip(expected), pair => Assert.Equal(pair.First, pair.Second, 5e-6));
            }
        }
    }

    [Fact]
    public void Attend_AnyChunksBlocksAndThreads_SameBits()
    {
        const int Tokens = 40;
        foreach (var (rule, format) in Rules.Append(AttentionRule.Plain(16)).SelectMany(rule => Enum.GetValues<KvFormat>().Select(format => (rule, format))))
        {
            var whole = new Problem(new(1, 2, 16, 64, format), 6, Tokens, seed: 2, rule).Run(VectorSupport.Widest, shuffle: 0, Tokens);
            foreach (var blockTokens in new[] { 1, 7, 16 })
            {
                var problem = new Problem(new(1, 2, 16, blockTokens, format), 6, Tokens, seed: 2, rule);
                foreach (var chunk in new[] { 1, 3, 8, 17, 40 })
                {
                    Numbers.AssertSameBits(
                        whole, problem.Run(VectorSupport.Widest, shuffle: (ulong)chunk, chunk), $"{rule}, {format}, blocks of {blockTokens}, chunks of {chunk}");
                }
            }
        }
    }

    [Fact]
    public void Attend_WindowAsLongAsTheSequence_SameBitsAsNone()
    {
        var shape = new KvShape(1, 2, 16, 8, KvFormat.F32);
        var all = new Problem(shape, 4, 30, seed: 4).Run(VectorSupport.Widest, shuffle: 0, 30);
        Numbers.AssertSameBits(all, new Problem(shape, 4, 30, seed: 4, AttentionRule.Plain(16) with { Window = 30 }).Run(VectorSupport.Widest, 0, 7), "window");
    }

    [Theory]
    [InlineData(KvFormat.F32)]
    [InlineData(KvFormat.F16)]
    public void Attend_LayerMajorLayout_SameBits(KvFormat format)
    {
        var problem = new Problem(new(3, 2, 20, 4, format), 4, 30, seed: 5);
        Numbers.AssertSameBits(
            problem.Run(VectorSupport.Widest, shuffle: 1, 7), problem.Run(VectorSupport.Widest, shuffle: 2, 7, KvLayout.LayerMajor), "layout");
    }

    [Theory]
    [InlineData(KvLayout.BlockMajor, 1)]
    [InlineData(KvLayout.LayerMajor, 6)]
    public void Geometry_EveryBlock_LiesAtPagesOfTheRegion(KvLayout layout, int planes)
    {
        var shape = new KvShape(3, 2, 20, 5, KvFormat.F16);
        using var cache = new PagedKeyValues(shape, 7, layout);
        var geometry = cache.Geometry;
        Assert.Equal((planes, shape.BytesPerBlock), (geometry.Planes, geometry.BlockPayloadBytes));
        Assert.Equal(0, geometry.Stride % BlockGeometry.Alignment);
        Assert.Equal(cache.Region.Length, geometry.Offset(planes - 1, 6) + geometry.Stride);
        Assert.InRange(geometry.Stride, geometry.PieceBytes, geometry.PieceBytes + BlockGeometry.Alignment - 1);
    }

    [Fact]
    public void Write_BlockOutsideTheCache_Throws()
    {
        using var gang = new WorkerGang(1);
        using var cache = new PagedKeyValues(new(1, 1, 4, 4, KvFormat.F32), 2);
        var plan = new AttentionPlan(4);
        plan.Append(0, 5, [1, 2]);
        Assert.Throws<ArgumentException>(() => cache.Write(gang, 0, plan, new float[5 * 12], 12, 4, 8));
        Assert.Throws<ArgumentException>(() => PagedAttention.Attend(gang, plan, cache, 0, new float[5 * 12], 12, 1, new float[20]));
        plan.Clear();
        plan.Append(0, 5, [1, 0]);
        Assert.Throws<ArgumentException>(() => cache.Write(gang, 1, plan, new float[5 * 12], 12, 4, 8));
        Assert.Throws<ArgumentException>(() => cache.Write(gang, 0, plan, new float[(5 * 12) - 1], 12, 4, 8));
        Assert.Throws<ArgumentException>(() => plan.Append(4, 5, [0, 1]));
        Assert.Throws<ArgumentException>(() => plan.Append(0, 1, [-1]));
    }

    [Fact]
    public void BytesPerBlock_CountsKeysAndValuesOfAllLayersWithPaddedHeads()
    {
        Assert.Equal(2 * 3 * 2 * 16 * 64 * 4, new KvShape(3, 2, 64, 16, KvFormat.F32).BytesPerBlock);
        Assert.Equal(2 * 3 * 2 * 16 * 32 * 2, new KvShape(3, 2, 20, 16, KvFormat.F16).BytesPerBlock);
        Assert.Equal(2 * 3 * 2 * 16 * 2 * 34, new KvShape(3, 2, 64, 16, KvFormat.Q8_0).BytesPerBlock);
        Assert.Equal(2 * 3 * 2 * 16 * 3 * 34, new KvShape(3, 2, 80, 16, KvFormat.Q8_0).BytesPerBlock);
        Assert.Equal(7, new KvShape(3, 2, 64, 16, KvFormat.F32).BlocksIn((7 * 2 * 3 * 2 * 16 * 64 * 4) + 1));
    }

    private static AttentionRule[] Rules { get; } =
    [
        new(0.1f), new(0.3f, SoftCap: 5), new(0.2f, Window: 1), new(0.2f, Window: 2), new(0.2f, Window: 7), new(0.25f, SoftCap: 2, Window: 16),
    ];

    /// <summary>Random queries, keys and values of two sequences of equal length, run in chunks.</summary>
    private sealed class Problem(KvShape shape, int heads, int tokens, ulong seed, AttentionRule? rule = null)
    {
        private const int Sequences = 2;

        private readonly AttentionRule _rule = rule ?? AttentionRule.Plain(shape.HeadDimension);

        private readonly int _stride = (heads + (2 * shape.Heads)) * shape.HeadDimension;
        private readonly float[] _rows = Numbers.Random(Sequences * tokens * (heads + (2 * shape.Heads)) * shape.HeadDimension, seed, 2);

        public float[] Run(VectorWidth width, ulong shuffle, int chunk, KvLayout layout = KvLayout.BlockMajor)
        {
            var layer = shape.Layers - 1;
            var blocks = (tokens + shape.BlockTokens - 1) / shape.BlockTokens;
            var table = Enumerable.Range(0, Sequences * blocks).ToArray();
            new Prng(shuffle).Shuffle(table.AsSpan());
            using var gang = new WorkerGang(1 + (chunk % 3));
            using var cache = new PagedKeyValues(shape, Sequences * blocks, layout);
            var plan = new AttentionPlan(shape.BlockTokens);
            var outputWidth = heads * shape.HeadDimension;
            var result = new float[Sequences * tokens * outputWidth];
            for (var start = 0; start < tokens; start += chunk)
            {
                var count = Math.Min(chunk, tokens - start);
                plan.Clear();
                var rows = new float[Sequences * count * _stride];
                for (var s = 0; s < Sequences; s++)
                {
                    plan.Append(start, count, table.AsSpan(s * blocks, blocks));
                    _rows.AsSpan(((s * tokens) + start) * _stride, count * _stride).CopyTo(rows.AsSpan(s * count * _stride));
                }

                var output = new float[Sequences * count * outputWidth];
                cache.Write(gang, layer, plan, rows, _stride, outputWidth, outputWidth + (shape.Heads * shape.HeadDimension), width);
                PagedAttention.Attend(gang, plan, cache, layer, _rule, rows, _stride, heads, output, width);
                for (var s = 0; s < Sequences; s++)
                {
                    output.AsSpan(s * count * outputWidth, count * outputWidth).CopyTo(result.AsSpan(((s * tokens) + start) * outputWidth));
                }
            }

            return result;
        }

        public IEnumerable<double> Exact()
        {
            var dimension = shape.HeadDimension;
            for (var row = 0; row < Sequences * tokens; row++)
            {
                var first = Math.Max(row / tokens * tokens, _rule.Window > 0 ? row + 1 - _rule.Window : 0);
                for (var head = 0; head < heads; head++)
                {
                    var shared = head / (heads / shape.Heads);
                    var keys = (heads + shared) * dimension;
                    var values = (heads + shape.Heads + shared) * dimension;
                    var scores = Enumerable.Range(first, row - first + 1).Select(other => Enumerable.Range(0, dimension).Sum(d =>
                        (double)_rows[(row * _stride) + (head * dimension) + d] * _rows[(other * _stride) + keys + d])).Select(Score).ToArray();
                    var weights = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                    for (var d = 0; d < dimension; d++)
                    {
                        yield return weights.Select((weight, i) => weight * _rows[((first + i) * _stride) + values + d]).Sum() / weights.Sum();
                    }
                }
            }
        }

        private double Score(double product) =>
            _rule.SoftCap > 0 ? _rule.SoftCap * Math.Tanh(product * _rule.Scale / _rule.SoftCap) : product * _rule.Scale;
    }
}
