using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Experts;
using Rubato.Inference.Models;
using Rubato.Kernels.Activations;
using Rubato.Kernels.Attention;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Normalization;
using Rubato.Kernels.Rows;
using Rubato.Kernels.Threading;
using Rubato.Models;
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
    private readonly ModelConfiguration _configuration;
    private readonly ActivationBuffers _buffers;
    private readonly ExpertPass? _experts;
    private readonly List<int> _tokens = [];
    private readonly List<int> _logitRows = [];
    private readonly List<int> _hiddenRows = []; // Which of the rows above give hidden states in place of logits.
    private float[] _hiddenStates = [];

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
        _configuration = model.Configuration;
        _buffers = new(_configuration);
        _experts = _configuration.Experts is { } experts ? new(_configuration, experts, gang) : null;
    }

    /// <summary>Numbers in a row of queries, keys and values.</summary>
    private int ProjectedStride => _configuration.QueryLength + (2 * _configuration.KeyValueLength);

    /// <summary>Rows of logits that the pass gives.</summary>
    public int LogitRows => _logitRows.Count - _hiddenRows.Count;

    /// <summary>Rows of hidden states that the pass gives.</summary>
    public int HiddenRows => _hiddenRows.Count;

    /// <summary>Allocates for passes of up to this size, so that none of them allocates later.</summary>
    public void Reserve(int tokens, int logitRows)
    {
        _buffers.Reserve(tokens, logitRows);
        _experts?.Reserve(tokens);
    }

    /// <summary>Begins a new pass.</summary>
    public void Clear()
    {
        _plan.Clear();
        _logitPlan.Clear();
        _tokens.Clear();
        _logitRows.Clear();
        _hiddenRows.Clear();
    }

    /// <summary>Appends a slice of a sequence.</summary>
    /// <param name="start">Position of its first token; all earlier positions are in the blocks already.</param>
    /// <param name="tokens">At least one token id.</param>
    /// <param name="blocks">Block table; covers start + tokens positions.</param>
    /// <param name="logitRows">Of how many of its last tokens the logits are wanted, 0 … tokens.</param>
    /// <param name="hiddenStates">The states after the last norm are wanted of these tokens, in place of the logits.</param>
    /// <exception cref="ArgumentException">A token is not in the vocabulary, or the block table is too short or leaves the cache.</exception>
    public void Append(int start, ReadOnlySpan<int> tokens, ReadOnlySpan<BlockId> blocks, int logitRows, bool hiddenStates = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(logitRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(logitRows, tokens.Length);
        var vocabulary = _configuration.VocabularySize;
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
            if (hiddenStates)
            {
                _hiddenRows.Add(_logitRows.Count);
            }

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

        Reserve(_tokens.Count, LogitRows);
        Embed();
        _model.Rotary.ComputeTurns(_plan.Positions, _buffers.Turns);
        _model.LocalRotary?.ComputeTurns(_plan.Positions, _buffers.LocalTurns);
        var plan = _plan;
        for (var layer = 0; layer < _model.Layers.Length; layer++)
        {
            StoreKeysAndValues(layer);
            if (layer == _model.Layers.Length - 1)
            {
                // What follows the last keys and values matters only to the rows whose logits are wanted.
                KeepLogitRows();
                plan = _logitPlan;
            }

            Attend(layer, plan);
            FeedForward(_model.Layers[layer], plan.Rows);
        }

        ComputeLogits();
    }

    /// <summary>The logits of row <paramref name="row"/> of those asked for, in order; valid until the next pass.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        Check.Invariant((uint)row < (uint)LogitRows, $"row {row} of {LogitRows}");
        var vocabulary = _configuration.VocabularySize;
        return _buffers.Logits.Slice((long)row * vocabulary, vocabulary);
    }

    /// <summary>The hidden state of row <paramref name="row"/> of those asked for, in order, [embedding]; valid until the next pass.</summary>
    public ReadOnlySpan<float> HiddenState(int row)
    {
        Check.Invariant((uint)row < (uint)_hiddenRows.Count, $"row {row} of {_hiddenRows.Count}");
        var width = _configuration.EmbeddingLength;
        return _hiddenStates.AsSpan(row * width, width);
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose()
    {
        _buffers.Dispose();
        _experts?.Dispose();
    }

    private void Embed()
    {
        var (width, scale) = (_configuration.EmbeddingLength, _configuration.EmbeddingScale);
        for (var row = 0; row < _tokens.Count; row++)
        {
            var embedding = _buffers.Residual.Slice(row * width, width);
            _model.TokenEmbedding.DecodeRow(_tokens[row], embedding);
            if (scale != 1)
            {
                foreach (ref var value in embedding)
                {
                    value *= scale;
                }
            }
        }
    }

    /// <summary>Queries, keys and values of norm(residual), turned to their positions; keys and values go to the cache.</summary>
    private void StoreKeysAndValues(int layer)
    {
        var (weights, tokens) = (_model.Layers[layer], _tokens.Count);
        var projected = _buffers.QueryKeyValue;
        var (queries, keys) = (_configuration.QueryLength, _configuration.KeyValueLength);
        RmsNorm.Normalize(_gang, _buffers.Residual, tokens, weights.AttentionNorm, _configuration.RmsNormEpsilon, _buffers.Normalised);
        MatrixProduct.Multiply(_gang, _buffers.Normalised, tokens, weights.QueryKeyValue, projected);
        AddBias(projected, tokens, weights.QueryKeyValueBias);
        NormalizeHeads(projected, tokens, 0, _configuration.HeadCount, weights.QueryNorm);
        NormalizeHeads(projected, tokens, queries, _configuration.KeyValueHeadCount, weights.KeyNorm);

        // Queries and keys lie side by side: they turn as one run of heads.
        var heads = _configuration.HeadCount + _configuration.KeyValueHeadCount;
        var local = _configuration.WindowOf(layer) > 0 ? _model.LocalRotary : null;
        var turns = local is null ? _buffers.Turns : _buffers.LocalTurns;
        (local ?? _model.Rotary).Rotate(_gang, projected, tokens, ProjectedStride, heads, _configuration.HeadLength, turns);
        _cache.Memory.Write(_gang, layer, _plan, projected, ProjectedStride, queries, queries + keys);
    }

    /// <summary>residual += output(attention(queries)).</summary>
    private void Attend(int layer, AttentionPlan plan)
    {
        var weights = _model.Layers[layer];
        var attention = _buffers.Attention;
        var rule = new AttentionRule(_configuration.AttentionScale, _configuration.AttentionSoftCap, _configuration.WindowOf(layer));
        PagedAttention.Attend(
            _gang, plan, _cache.Memory, layer, rule, _buffers.QueryKeyValue, ProjectedStride, _configuration.HeadCount, attention);
        var target = Target(weights.AttentionOutputNorm);
        MatrixProduct.Multiply(_gang, attention, plan.Rows, weights.AttentionOutput, target, add: weights.AttentionOutputNorm is null);
        AddBias(target, plan.Rows, weights.AttentionOutputBias);
        JoinResidual(plan.Rows, weights.AttentionOutputNorm);
    }

    /// <summary>residual += down(activation(gate) · up of norm(residual)), or what the experts make of it.</summary>
    private void FeedForward(DecoderLayer weights, int rows)
    {
        var normalised = _buffers.Normalised;
        RmsNorm.Normalize(_gang, _buffers.Residual, rows, weights.FeedForwardNorm, _configuration.RmsNormEpsilon, normalised);
        var norm = weights.FeedForwardOutputNorm;
        var target = Target(norm);
        if (weights.FeedForward is { } matrices)
        {
            MatrixProduct.Multiply(_gang, normalised, rows, matrices.GateUp, _buffers.GateUp);
            AddBias(_buffers.GateUp, rows, matrices.GateUpBias);
            GatedProduct.Apply(
                _gang, _configuration.Architecture.Activation, _buffers.GateUp, rows, _configuration.FeedForwardLength, _buffers.Gated);
            MatrixProduct.Multiply(_gang, _buffers.Gated, rows, matrices.Down, target, add: norm is null);
            AddBias(target, rows, matrices.DownBias);
        }
        else
        {
            Check.Invariant(norm is null, "experts add to the residual stream themselves");
            _experts!.Add(weights.Experts!, normalised, rows, target);
        }

        JoinResidual(rows, norm);
    }

    /// <summary>Where the output of a layer goes: to the residual stream, or first to a norm.</summary>
    private Span<float> Target(float[]? norm) => norm is null ? _buffers.Residual : _buffers.Output;

    private void JoinResidual(int rows, float[]? norm)
    {
        if (norm is null)
        {
            return;
        }

        RmsNorm.Normalize(_gang, _buffers.Output, rows, norm, _configuration.RmsNormEpsilon, _buffers.Output);
        RowSum.Add(_gang, _buffers.Residual, rows, _configuration.EmbeddingLength, _buffers.Output);
    }

    private void AddBias(Span<float> y, int rows, float[]? bias)
    {
        if (bias is not null)
        {
            RowSum.AddBias(_gang, y, rows, bias);
        }
    }

    private void NormalizeHeads(Span<float> projected, int rows, int offset, int heads, float[]? norm)
    {
        if (norm is not null)
        {
            RmsNorm.NormalizeHeads(_gang, projected, rows, ProjectedStride, offset, heads, norm, _configuration.RmsNormEpsilon);
        }
    }

    /// <summary>Moves the rows whose logits are wanted to the front, in order.</summary>
    private void KeepLogitRows()
    {
        var width = _configuration.EmbeddingLength;
        var residual = _buffers.Residual;
        var projected = _buffers.QueryKeyValue;
        for (var i = 0; i < _logitRows.Count; i++)
        {
            residual.Slice(_logitRows[i] * width, width).CopyTo(residual[(i * width)..]);
            projected.Slice(_logitRows[i] * ProjectedStride, ProjectedStride).CopyTo(projected[(i * ProjectedStride)..]);
        }
    }

    private void ComputeLogits()
    {
        var normalised = _buffers.Normalised;
        RmsNorm.Normalize(_gang, _buffers.Residual, _logitRows.Count, _model.OutputNorm, _configuration.RmsNormEpsilon, normalised);
        SetHiddenStatesAside(normalised);
        MatrixProduct.Multiply(_gang, normalised, LogitRows, _model.Output, _buffers.Logits.Span);
        if (_configuration.LogitSoftCap > 0)
        {
            SoftCap.Apply(_gang, _buffers.Logits.Span[..(LogitRows * _configuration.VocabularySize)], _configuration.LogitSoftCap);
        }
    }

    /// <summary>Copies the rows that want hidden states, and closes the gaps between those that want logits.</summary>
    private void SetHiddenStatesAside(Span<float> normalised)
    {
        if (_hiddenRows.Count == 0)
        {
            return;
        }

        var width = _configuration.EmbeddingLength;
        if (_hiddenStates.Length < _hiddenRows.Count * width)
        {
            _hiddenStates = new float[_hiddenRows.Count * width];
        }

        var (hidden, kept) = (0, 0);
        for (var row = 0; row < _logitRows.Count; row++)
        {
            var state = normalised.Slice(row * width, width);
            if (hidden < _hiddenRows.Count && _hiddenRows[hidden] == row)
            {
                state.CopyTo(_hiddenStates.AsSpan(hidden++ * width));
            }
            else
            {
                state.CopyTo(normalised[(kept++ * width)..]);
            }
        }
    }
}
