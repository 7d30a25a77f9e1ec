using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Attention;

/// <summary>Causal attention of the rows of a step over their sequences' blocks: out = softmax(q · Kᵀ · scale) · V per head.</summary>
/// <remarks>
/// For one row and head: scores in the order of a matrix product, numerators and their sum as <see cref="Reductions.Softmax"/> has
/// them, then values added position by position. All of it depends on the row and its sequence only, not on how the sequence was cut
/// into chunks and blocks or on the other sequences, so the bits do not either.
/// </remarks>
public static unsafe class PagedAttention
{
    /// <summary>Computes one layer with the scale 1 / √d and no window.</summary>
    /// <inheritdoc cref="Attend(WorkerGang, AttentionPlan, PagedKeyValues, int, AttentionRule, ReadOnlySpan{float}, int, int, Span{float})"/>
    public static void Attend(
        WorkerGang gang, AttentionPlan plan, PagedKeyValues cache, int layer,
        ReadOnlySpan<float> queries, int queryStride, int heads, Span<float> output) =>
        Attend(gang, plan, cache, layer, AttentionRule.Plain(cache.Shape.HeadDimension), queries, queryStride, heads, output);

    /// <summary>Computes one layer.</summary>
    /// <param name="gang">Who computes.</param>
    /// <param name="plan">The slices.</param>
    /// <param name="cache">Keys and values; those of the plan's own rows have been written.</param>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="rule">How scores become weights.</param>
    /// <param name="queries">Rows <paramref name="queryStride"/> numbers apart, each beginning with [heads, head dimension].</param>
    /// <param name="queryStride">Distance of rows in numbers.</param>
    /// <param name="heads">Query heads: a multiple of the cache's heads; consecutive ones share keys and values.</param>
    /// <param name="output">[rows, heads, head dimension].</param>
    /// <exception cref="ArgumentException">A span is too short, or the shapes do not fit together.</exception>
    public static void Attend(
        WorkerGang gang, AttentionPlan plan, PagedKeyValues cache, int layer, AttentionRule rule,
        ReadOnlySpan<float> queries, int queryStride, int heads, Span<float> output) =>
        Attend(gang, plan, cache, layer, rule, queries, queryStride, heads, output, VectorSupport.Widest);

    internal static void Attend(
        WorkerGang gang, AttentionPlan plan, PagedKeyValues cache, int layer, AttentionRule rule,
        ReadOnlySpan<float> queries, int queryStride, int heads, Span<float> output, VectorWidth width)
    {
        var shape = cache.Shape;
        plan.CheckFits(cache, layer);
        if (heads % shape.Heads != 0 || queryStride < heads * shape.HeadDimension || queries.Length < (long)plan.Rows * queryStride
            || output.Length < (long)plan.Rows * heads * shape.HeadDimension)
        {
            throw new ArgumentException(
                $"{plan.Rows} rows of {heads} heads at stride {queryStride} do not fit in {queries.Length} and {output.Length}, or to {shape}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(rule.Window);
        gang.ReserveScratch(AttentionScratch.Floats(shape, plan.PositionsMax));
        fixed (float* queryPointer = queries, outputPointer = output)
        fixed (int* blocks = plan.Blocks)
        fixed (AttentionItem* items = plan.Items)
        {
            var work = new PagedAttentionWork(
                gang, cache.View(layer), items, blocks, queryPointer, queryStride, heads, outputPointer, plan.PositionsMax, rule, width);
            gang.Run(ref work, plan.Items.Length * shape.Heads);
        }

        GC.KeepAlive(cache);
    }
}
