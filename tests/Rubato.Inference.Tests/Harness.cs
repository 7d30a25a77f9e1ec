using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Inference.Packing;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;
using Rubato.Serving;

namespace Rubato.Inference.Tests;

/// <summary>A model with a cache and a gang, and short ways to run passes.</summary>
internal sealed class Harness : IDisposable
{
    public Harness(GgufFile file, int blockTokens = 16, int blocks = 128, int workers = 2, KvFormat format = KvFormat.F32, PackingOptions? packing = null)
    {
        Model = DecoderModel.FromGguf(file, packing);
        Cache = new(Model.Configuration, blockTokens, blocks, format);
        Gang = new(workers);
        Pass = new(Model, Cache, Gang);
        Executor = new(Model, Cache, Gang);
    }

    public DecoderModel Model { get; }

    public KvCache Cache { get; }

    public WorkerGang Gang { get; }

    public ForwardPass Pass { get; }

    public CpuExecutor Executor { get; }

    /// <summary>A table of all blocks, in order or shuffled.</summary>
    public BlockId[] Table(ulong? shuffleSeed = null)
    {
        var table = Enumerable.Range(0, Cache.Blocks).Select(block => new BlockId(block)).ToArray();
        if (shuffleSeed is { } seed)
        {
            new Prng(seed).Shuffle(table.AsSpan());
        }

        return table;
    }

    /// <summary>Logits after each token, computed in chunks of the given sizes (the last one repeats).</summary>
    public float[][] Logits(int[] tokens, ReadOnlySpan<BlockId> table, params int[] chunks)
    {
        var result = new List<float[]>();
        for (var (start, chunk) = (0, 0); start < tokens.Length; chunk++)
        {
            var count = Math.Min(chunks.Length == 0 ? tokens.Length : chunks[Math.Min(chunk, chunks.Length - 1)], tokens.Length - start);
            Pass.Clear();
            Pass.Append(start, tokens.AsSpan(start, count), table, count);
            Pass.Run();
            for (var row = 0; row < count; row++)
            {
                result.Add(Pass.Logits(row).ToArray());
            }

            start += count;
        }

        return [.. result];
    }

    public static SequenceSlice Slice(
        int request, int start, int[] tokens, IEnumerable<BlockId> blocks, SamplingParameters? sampling = null, bool samples = true) => new()
    {
        Request = new(request),
        Start = start,
        Tokens = [.. tokens],
        Blocks = [.. blocks],
        Samples = samples,
        Sampling = sampling ?? SamplingParameters.Greedy,
    };

    public ImmutableArray<SampledToken> Execute(params SequenceSlice[] slices) =>
        Executor.Execute(new() { Step = 0, PlannedAt = Instant.Zero, Slices = [.. slices] }).Tokens;

    public void Dispose()
    {
        Executor.Dispose();
        Pass.Dispose();
        Cache.Dispose();
        Gang.Dispose();
        Model.Dispose();
    }
}
