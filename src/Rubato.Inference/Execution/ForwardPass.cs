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
public sealed class ForwardPass : IDisposable
{
    private readonly DecoderModel _model;
    private readonly KvCache _cache;
    private readonly WorkerGang _gang;
    private readonly AttentionPlan _plan;
    private readonly AttentionPlan _logitPlan;
    private readonly RotaryEmbedding _rotary;
    private readonly ActivationBuffers _buffers;
    private readonly List<int> _tokens = [];
    private readonly List<int> _logitRows = [];

    /// <summary>Prepares passes of <paramref name="model"/> over <paramref name="cache"/>; all three arguments must outlive them.</summary>
    public ForwardPass(DecoderModel model, KvCache cache, WorkerGang gang)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(gang);
        _model = model;
        _cache = cache;
        _gang = gang;
        _plan = new(cache.BlockTokens);
        _logitPlan = new(cache.BlockTokens);
        _rotary = new(model.Configuration.RopeDimensionCount, model.Configuration.RopeTheta);
        _buffers = new(model.Configuration);
    }

    /// <summary>Numbers in a row of queries, keys and values.</summary>
    private int ProjectedStride => _model.Configuration.QueryLength + (2 * _model.Configuration.KeyValueLength);

    /// <summary>Rows of logits that the pass gives.</summary>
    public int LogitRows => _logitRows.Count;

    /// <summary>Allocates for passes of up to this size, so that none of them allocates later.</summary>
    public void Reserve(int tokens, int logitRows) => _buffers.Reserve(tokens, logitRows);

    /// <summary>Begins a new pass.</summary>
    public void Clear()
    {
        _plan.Clear();
        _logitPlan.Clear();
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
        if (logitRows > 0)
        {
            _logitPlan.Append(start + tokens.Length - logitRows, logitRows, table);
        }

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
        var plan = _plan;
        for (var layer = 0; layer < _model.Layers.Length; layer++)
        {
            StoreKeysAndValues(layer, residual);
            if (layer == _model.Layers.Length - 1)
            {
                // What follows the last keys and values matters only to the rows whose logits are wanted.
                KeepLogitRows(residual);
                plan = _logitPlan;
            }

            Attend(layer, residual, plan);
            FeedForward(_model.Layers[layer], residual, plan.Rows);
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

    /// <summary>Queries, keys and values of norm(residual), turned to their positions; keys and values go to the cache.</summary>
    private void StoreKeysAndValues(int layer, Span<float> residual)
    {
        var (configuration, weights, tokens) = (_model.Configuration, _model.Layers[layer], _tokens.Count);
        var (queries, keys) = (configuration.QueryLength, configuration.KeyValueLength);
        var projected = _buffers.QueryKeyValue.Span;
        RmsNorm.Normalize(_gang, residual, tokens, weights.AttentionNorm, configuration.RmsNormEpsilon, _buffers.Normalised.Span);
        MatrixProduct.Multiply(_gang, _buffers.Normalised.Span, tokens, weights.QueryKeyValue, projected);

        // Queries and keys lie side by side: they turn as one run of heads.
        var heads = configuration.HeadCount + configuration.KeyValueHeadCount;
        _rotary.Rotate(_gang, projected, tokens, ProjectedStride, heads, configuration.HeadLength, _buffers.Turns.Span);
        _cache.Memory.Write(_gang, layer, _plan, projected, ProjectedStride, queries, queries + keys);
    }

    /// <summary>residual += output(attention(queries)).</summary>
    private void Attend(int layer, Span<float> residual, AttentionPlan plan)
    {
        var attention = _buffers.Attention.Span;
        PagedAttention.Attend(
            _gang, plan, _cache.Memory, layer, _buffers.QueryKeyValue.Span, ProjectedStride, _model.Configuration.HeadCount, attention);
        MatrixProduct.Multiply(_gang, attention, plan.Rows, _model.Layers[layer].AttentionOutput, residual, add: true);
    }

    /// <summary>residual += down(silu(gate) · up of norm(residual)).</summary>
    private void FeedForward(DecoderLayer weights, Span<float> residual, int rows)
    {
        var configuration = _model.Configuration;
        var normalised = _buffers.Normalised.Span;
        RmsNorm.Normalize(_gang, residual, rows, weights.FeedForwardNorm, configuration.RmsNormEpsilon, normalised);
        MatrixProduct.Multiply(_gang, normalised, rows, weights.GateUp, _buffers.GateUp.Span);
        SiluProduct.Apply(_gang, _buffers.GateUp.Span, rows, configuration.FeedForwardLength, _buffers.Gated.Span);
        MatrixProduct.Multiply(_gang, _buffers.Gated.Span, rows, weights.Down, residual, add: true);
    }

    /// <summary>Moves the rows whose logits are wanted to the front, in order.</summary>
    private void KeepLogitRows(Span<float> residual)
    {
        var width = _model.Configuration.EmbeddingLength;
        var projected = _buffers.QueryKeyValue.Span;
        for (var i = 0; i < _logitRows.Count; i++)
        {
            residual.Slice(_logitRows[i] * width, width).CopyTo(residual[(i * width)..]);
            projected.Slice(_logitRows[i] * ProjectedStride, ProjectedStride).CopyTo(projected[(i * ProjectedStride)..]);
        }
    }

    private void ComputeLogits(Span<float> residual)
    {
        var normalised = _buffers.Normalised.Span;
        RmsNorm.Normalize(_gang, residual, _logitRows.Count, _model.OutputNorm, _model.Configuration.RmsNormEpsilon, normalised);
        MatrixProduct.Multiply(_gang, normalised, _logitRows.Count, _model.Output, _buffers.Logits.Span);
    }
}
