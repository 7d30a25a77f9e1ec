using System.Diagnostics;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Threading;
using Rubato.Serving;

namespace Rubato.Inference.Benchmarks;

/// <summary>
/// Speed of forward passes: some sequences with a prompt each, computed in chunks, then tokens one by one for all of them together. Tokens are
/// random, nothing is sampled: what llama-batched-bench measures.
/// </summary>
public sealed class DecodeBenchmark
{
    private const int BlockTokens = 16;

    private readonly DecoderModel _model;
    private readonly WorkerGang _gang;
    private readonly DecodeBenchmarkOptions _options;
    private readonly int _blocksPerSequence;

    /// <summary>Prepares; model and gang must outlive the benchmark.</summary>
    /// <exception cref="InvalidOptionException">A number is out of range, or the sequences are longer than the model's context.</exception>
    public DecodeBenchmark(DecoderModel model, WorkerGang gang, DecodeBenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(gang);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.Configuration.ContextLength);
        _model = model;
        _gang = gang;
        _options = options;
        _blocksPerSequence = ((options.PromptTokens + options.Tokens - 1) / BlockTokens) + 1;
    }

    /// <summary>Bytes of keys and values that a decoding step reads on average.</summary>
    public long KeyValueBytesPerStep =>
        KvCache.EstimateBytesPerBlock(_model.Configuration, BlockTokens, _options.KeyValues) / BlockTokens
        * (_options.PromptTokens + (_options.Tokens / 2)) * _options.Sequences;

    /// <summary>One run after one that warms up.</summary>
    /// <param name="stop">Ends the run early.</param>
    public DecodeSpeed Run(CancellationToken stop = default)
    {
        using var cache = new KvCache(_model.Configuration, BlockTokens, checked(_options.Sequences * _blocksPerSequence), _options.KeyValues);
        using var pass = new ForwardPass(_model, cache, _gang);
        var prng = new Prng(_options.Seed);
        Prefill(pass, prng, Math.Min(_options.PromptTokens, 32), stop);
        Decode(pass, prng, Math.Min(_options.Tokens, 2), stop);
        var start = Stopwatch.GetTimestamp();
        Prefill(pass, prng, _options.PromptTokens, stop);
        var prefill = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        Decode(pass, prng, _options.Tokens, stop);
        var decode = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new(_options.Sequences * _options.PromptTokens / prefill, _options.Sequences * _options.Tokens / decode);
    }

    /// <summary>Prompts of all sequences, in passes of at most the chunk's tokens; the last token of each asks for logits.</summary>
    private void Prefill(ForwardPass pass, Prng prng, int tokens, CancellationToken stop)
    {
        pass.Clear();
        var room = _options.ChunkTokens;
        for (var sequence = 0; sequence < _options.Sequences; sequence++)
        {
            for (var start = 0; start < tokens;)
            {
                stop.ThrowIfCancellationRequested();
                var count = Math.Min(room, tokens - start);
                pass.Append(start, RandomTokens(prng, count), Blocks(sequence), start + count == tokens ? 1 : 0);
                start += count;
                room -= count;
                if (room == 0 || (start == tokens && sequence == _options.Sequences - 1))
                {
                    pass.Run();
                    pass.Clear();
                    room = _options.ChunkTokens;
                }
            }
        }
    }

    private void Decode(ForwardPass pass, Prng prng, int tokens, CancellationToken stop)
    {
        for (var step = 0; step < tokens; step++)
        {
            stop.ThrowIfCancellationRequested();
            pass.Clear();
            for (var sequence = 0; sequence < _options.Sequences; sequence++)
            {
                pass.Append(_options.PromptTokens + step, RandomTokens(prng, 1), Blocks(sequence), 1);
            }

            pass.Run();
        }
    }

    private int[] RandomTokens(Prng prng, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => prng.NextInt32(_model.Configuration.VocabularySize))];

    private BlockId[] Blocks(int sequence) =>
        [.. Enumerable.Range(sequence * _blocksPerSequence, _blocksPerSequence).Select(block => new BlockId(block))];
}

/// <summary>What <see cref="DecodeBenchmark"/> runs.</summary>
public sealed record DecodeBenchmarkOptions
{
    /// <summary>Tokens of each prompt; at least 1.</summary>
    public int PromptTokens { get; init; } = 256;

    /// <summary>Tokens that each sequence decodes; at least 1.</summary>
    public int Tokens { get; init; } = 64;

    /// <summary>Sequences that decode together; 1 … 1,024.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Most tokens of a prompt in one pass; at least 1.</summary>
    public int ChunkTokens { get; init; } = 512;

    /// <summary>How keys and values are kept.</summary>
    public KvFormat KeyValues { get; init; } = KvFormat.F16;

    /// <summary>Seed of the tokens.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Validate(int contextTokens)
    {
        if (PromptTokens < 1 || Tokens < 1 || ChunkTokens < 1)
        {
            throw new InvalidOptionException($"prompt {PromptTokens}, tokens {Tokens}, chunk {ChunkTokens}: each must be at least 1.");
        }

        if (Sequences is < 1 or > 1024)
        {
            throw new InvalidOptionException($"sequences: {Sequences} is not in 1…1024.");
        }

        if ((long)PromptTokens + Tokens > contextTokens)
        {
            throw new InvalidOptionException($"prompt and tokens: {PromptTokens} + {Tokens} are more than the model's context of {contextTokens}.");
        }
    }
}

/// <summary>Rates of one run, over all sequences.</summary>
/// <param name="PrefillTokensPerSecond">Tokens of prompts per second.</param>
/// <param name="DecodeTokensPerSecond">Tokens decoded per second.</param>
public readonly record struct DecodeSpeed(double PrefillTokensPerSecond, double DecodeTokensPerSecond);
