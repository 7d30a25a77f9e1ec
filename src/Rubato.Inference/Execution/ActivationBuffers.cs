using Rubato.Kernels.Memory;
using Rubato.Models;

namespace Rubato.Inference.Execution;

/// <summary>Activations of one forward pass. They grow to the largest pass seen and are used again by the next.</summary>
internal sealed class ActivationBuffers(ModelConfiguration configuration) : IDisposable
{
    private readonly BufferSet _buffers = new();
    private AlignedBuffer<float> _residual = new(0);
    private AlignedBuffer<float> _normalised = new(0);
    private AlignedBuffer<float> _queryKeyValue = new(0);
    private AlignedBuffer<float> _attention = new(0);
    private AlignedBuffer<float> _output = new(0);
    private AlignedBuffer<float> _gateUp = new(0);
    private AlignedBuffer<float> _gated = new(0);
    private AlignedBuffer<float> _turns = new(0);
    private AlignedBuffer<float> _localTurns = new(0);
    private AlignedBuffer<float> _logits = new(0);
    private int _tokens;
    private int _logitRows;

    /// <summary>The residual stream, [tokens, embedding].</summary>
    public Span<float> Residual => _residual.Span;

    /// <summary>Normalised residual stream, [tokens, embedding].</summary>
    public Span<float> Normalised => _normalised.Span;

    /// <summary>Queries, keys and values side by side, [tokens, (heads + 2 · kv heads) · head length].</summary>
    public Span<float> QueryKeyValue => _queryKeyValue.Span;

    /// <summary>Result of attention, [tokens, heads · head length].</summary>
    public Span<float> Attention => _attention.Span;

    /// <summary>Output of a layer that is normalised before it joins the residual stream, [tokens, embedding]; empty without such norms.</summary>
    public Span<float> Output => _output.Span;

    /// <summary>Gates and values side by side, [tokens, 2 · feed-forward]; empty with experts.</summary>
    public Span<float> GateUp => _gateUp.Span;

    /// <summary>Gated values, [tokens, feed-forward]; empty with experts.</summary>
    public Span<float> Gated => _gated.Span;

    /// <summary>Rotary turns of the positions, [tokens, 2 · rotary dimensions].</summary>
    public Span<float> Turns => _turns.Span;

    /// <summary>The turns of layers with a window; empty where they turn as the others do.</summary>
    public Span<float> LocalTurns => _localTurns.Span;

    /// <summary>Logits, [rows asked for, vocabulary].</summary>
    public AlignedBuffer<float> Logits => _logits;

    /// <summary>Makes room for a pass of this size.</summary>
    public void Reserve(int tokens, int logitRows)
    {
        if (tokens > _tokens)
        {
            _tokens = tokens;
            var inner = configuration.Experts is null ? configuration.FeedForwardLength : 0;
            Replace(ref _residual, tokens, configuration.EmbeddingLength);
            Replace(ref _normalised, tokens, configuration.EmbeddingLength);
            Replace(ref _queryKeyValue, tokens, configuration.QueryLength + (2 * configuration.KeyValueLength));
            Replace(ref _attention, tokens, configuration.QueryLength);
            Replace(ref _output, tokens, configuration.Architecture.NormalizesOutputs ? configuration.EmbeddingLength : 0);
            Replace(ref _gateUp, tokens, 2 * inner);
            Replace(ref _gated, tokens, inner);
            Replace(ref _turns, tokens, 2 * configuration.RopeDimensionCount);
            Replace(ref _localTurns, tokens, configuration.LocalRopeTheta is null ? 0 : 2 * configuration.RopeDimensionCount);
        }

        if (logitRows > _logitRows)
        {
            _logitRows = logitRows;
            Replace(ref _logits, logitRows, configuration.VocabularySize);
        }
    }

    public void Dispose() => _buffers.Dispose();

    private void Replace(ref AlignedBuffer<float> buffer, int rows, int columns) => _buffers.Replace(ref buffer, (long)rows * columns);
}
