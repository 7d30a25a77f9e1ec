using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Models;
using Rubato.Kernels.Activations;
using Rubato.Kernels.Attention;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Normalization;
using Rubato.Kernels.Positions;
using Rubato.Kernels.Threading;
using Rubato.Serving;

namespace Rubato.Inference.Execution;

/// <summary>
/// One forward pass over slices of any number of sequences: all their tokens are the rows of one activation matrix, so that the
/// weights are read once for all.
/// </summary>
/// <remarks>
/// Use: <see cref="Clear"/>, <see cref="Append"/> each slice, <see cref="Run"/>, read <see cref="Logits"/>. The logits of a row have
/// the same bits whatever other slices the pass holds and however the sequence was cut into passes. Not thread-safe.
/// </remarks>
public sealed class LlamaPass : IDisposable
{
    private readonly LlamaModel _model;
    private readonly KvCache _cache;
    private readonly WorkerGang _gang;
    private readonly AttentionPlan _plan;
    private readonly RotaryEmbedding _rotary;
    private readonly ActivationBuffers _buffers;
    private readonly List<int> _tokens = [];
    private readonly List<int> _logitRows = [];

    /// <summary>Prepares passes of <paramref name="model"/> over <paramref name="cache"/>; all three arguments must outlive them.</summary>
    public LlamaPass(LlamaModel model, KvCache cache, WorkerGang gang)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(gang);
        _model = model;
        _cache = cache;
        _gang = gang;
        _plan = new(cache.BlockTokens);
        _rotary = new(model.Configuration.RopeDimensionCount, model.Configuration.RopeTheta);
        _buffers = new(model.Configuration);
    }

    /// <summary>Rows of logits that the pass gives.</summary>
    public int LogitRows => _logitRows.Count;

    /// <summary>Allocates for passes of up to this size, so that none of them allocates later.</summary>
    public void Reserve(int tokens, int logitRows) => _buffers.Reserve(tokens, logitRows);

    /// <summary>Begins a new pass.</summary>
    public void Clear()
    {
        _plan.Clear();
        _tokens.Clear();
        _logitRows.Clear();
    }

    /// <summary>Appends a slice of a sequence.</summary>
    /// <param name="start">Position of its first token; all earlier positions are in the blocks already.</param>
    /// <param name="tokens">At least one token id.</param>
    /// <param name="blocks">Block table; covers start + tokens positions.</param>
    /// <param name="logitRows">Of how many of its last tokens the logits are wanted, 0 … tokens.</param>
    /// <exception cref="ArgumentException">A token is not in the vocabulary, or the block table is too short or leaves the cache.</exception>
    public void Append(int start, ReadOnlySpan<int> tokens, ReadOnlySpan<BlockId> blocks, int logitRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(logitRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(logitRows, tokens.Length);
        var vocabulary = _model.Configuration.VocabularySize;
        if (tokens.ContainsAnyExceptInRange(0, vocabulary - 1))
        {
            throw new ArgumentException($"A token id is not in 0 … {vocabulary - 1}.", nameof(tokens));
        }

        var table = MemoryMarshal.Cast<BlockId, int>(blocks);
        if (table.ContainsAnyExceptInRange(0, _cache.Blocks - 1))
        {
            throw new ArgumentException($"A block is not in 0 … {_cache.Blocks - 1}.", nameof(blocks));
        }

        _plan.Append(start, tokens.Length, table);
        _tokens.AddRange(tokens);
        for (var row = logitRows; row > 0; row--)
        {
            _logitRows.Add(_tokens.Count - row);
        }
    }

    /// <summary>Computes the pass: stores keys and values of all slices, and the logits that were asked for.</summary>
    public void Run()
    {
        if (_tokens.Count == 0)
        {
            return;
        }

        var configuration = _model.Configuration;
        _buffers.Reserve(_tokens.Count, _logitRows.Count);
        var residual = _buffers.Residual.Span;
        for (var row = 0; row < _tokens.Count; row++)
        {
            _model.TokenEmbedding.DecodeRow(_tokens[row], residual.Slice(row * configuration.EmbeddingLength, configuration.EmbeddingLength));
        }

        _rotary.ComputeTurns(_plan.Positions, _buffers.Turns.Span);
        for (var layer = 0; layer < _model.Layers.Length; layer++)
        {
            Attend(layer, residual);
            FeedForward(_model.Layers[layer], residual);
        }

        ComputeLogits(residual);
    }

    /// <summary>The logits of row <paramref name="row"/> of those asked for, in order; valid until the next pass.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        Check.Invariant((uint)row < (uint)_logitRows.Count, $"row {row} of {_logitRows.Count}");
        var vocabulary = _model.Configuration.VocabularySize;
        return _buffers.Logits.Slice((long)row * vocabulary, vocabulary);
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose() => _buffers.Dispose();

    /// <summary>residual += output(attention(q, k, v of norm(residual))).</summary>
    private void Attend(int layer, Span<float> residual)
    {
        var (configuration, weights, tokens) = (_model.Configuration, _model.Layers[layer], _tokens.Count);
        var (queries, keys) = (configuration.QueryLength, configuration.KeyValueLength);
        var stride = queries + (2 * keys);
        var projected = _buffers.QueryKeyValue.Span;
        RmsNorm.Normalize(_gang, residual, tokens, weights.AttentionNorm, configuration.RmsNormEpsilon, _buffers.Normalised.Span);
        MatrixProduct.Multiply(_gang, _buffers.Normalised.Span, tokens, weights.QueryKeyValue, projected);

        // Queries and keys lie side by side: they turn as one run of heads.
        var heads = configuration.HeadCount + configuration.KeyValueHeadCount;
        _rotary.Rotate(_gang, projected, tokens, stride, heads, configuration.HeadLength, _buffers.Turns.Span);
        _cache.Memory.Write(_gang, layer, _plan, projected, stride, queries, queries + keys);
        PagedAttention.Attend(
            _gang, _plan, _cache.Memory, layer, projected, stride, configuration.HeadCount, _buffers.Attention.Span);
        MatrixProduct.Multiply(_gang, _buffers.Attention.Span, tokens, weights.AttentionOutput, residual, add: true);
    }

    /// <summary>residual += down(silu(gate) · up of norm(residual)).</summary>
    private void FeedForward(LlamaLayer weights, Span<float> residual)
    {
        var (configuration, tokens) = (_model.Configuration, _tokens.Count);
        var normalised = _buffers.Normalised.Span;
        RmsNorm.Normalize(_gang, residual, tokens, weights.FeedForwardNorm, configuration.RmsNormEpsilon, normalised);
        MatrixProduct.Multiply(_gang, normalised, tokens, weights.GateUp, _buffers.GateUp.Span);
        SiluProduct.Apply(_gang, _buffers.GateUp.Span, tokens, configuration.FeedForwardLength, _buffers.Gated.Span);
        MatrixProduct.Multiply(_gang, _buffers.Gated.Span, tokens, weights.Down, residual, add: true);
    }

    private void ComputeLogits(Span<float> residual)
    {
        var width = _model.Configuration.EmbeddingLength;
        var chosen = _buffers.Normalised.Span;
        for (var i = 0; i < _logitRows.Count; i++)
        {
            residual.Slice(_logitRows[i] * width, width).CopyTo(chosen[(i * width)..]);
        }

        RmsNorm.Normalize(_gang, chosen, _logitRows.Count, _model.OutputNorm, _model.Configuration.RmsNormEpsilon, chosen);
        MatrixProduct.Multiply(_gang, chosen, _logitRows.Count, _model.Output, _buffers.Logits.Span);
    }
}
