using Rubato.Kernels.Memory;
using Rubato.Models;

namespace Rubato.Inference.Execution;

/// <summary>The activations of one forward pass. They grow to the largest pass seen and are used again by the next.</summary>
internal sealed class ActivationBuffers(ModelConfiguration configuration) : IDisposable
{
    private readonly List<IDisposable> _buffers = [];
    private int _tokens;
    private int _logitRows;

    /// <summary>The residual stream, [tokens, embedding].</summary>
    public AlignedBuffer<float> Residual { get; private set; } = new(0);

    /// <summary>Normalised residual stream, [tokens, embedding].</summary>
    public AlignedBuffer<float> Normalised { get; private set; } = new(0);

    /// <summary>Queries, keys and values side by side, [tokens, (heads + 2 · kv heads) · head length].</summary>
    public AlignedBuffer<float> QueryKeyValue { get; private set; } = new(0);

    /// <summary>Result of attention, [tokens, heads · head length].</summary>
    public AlignedBuffer<float> Attention { get; private set; } = new(0);

    /// <summary>Gates and values side by side, [tokens, 2 · feed-forward].</summary>
    public AlignedBuffer<float> GateUp { get; private set; } = new(0);

    /// <summary>Gated values, [tokens, feed-forward].</summary>
    public AlignedBuffer<float> Gated { get; private set; } = new(0);

    /// <summary>Rotary turns of the positions, [tokens, 2 · rotary dimensions].</summary>
    public AlignedBuffer<float> Turns { get; private set; } = new(0);

    /// <summary>Logits, [rows asked for, vocabulary].</summary>
    public AlignedBuffer<float> Logits { get; private set; } = new(0);

    /// <summary>Makes room for a pass of this size.</summary>
    public void Reserve(int tokens, int logitRows)
    {
        if (tokens > _tokens)
        {
            _tokens = tokens;
            Residual = Replace(Residual, tokens, configuration.EmbeddingLength);
            Normalised = Replace(Normalised, tokens, configuration.EmbeddingLength);
            QueryKeyValue = Replace(QueryKeyValue, tokens, configuration.QueryLength + (2 * configuration.KeyValueLength));
            Attention = Replace(Attention, tokens, configuration.QueryLength);
            GateUp = Replace(GateUp, tokens, 2 * configuration.FeedForwardLength);
            Gated = Replace(Gated, tokens, configuration.FeedForwardLength);
            Turns = Replace(Turns, tokens, 2 * configuration.RopeDimensionCount);
        }

        if (logitRows > _logitRows)
        {
            _logitRows = logitRows;
            Logits = Replace(Logits, logitRows, configuration.VocabularySize);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private AlignedBuffer<float> Replace(AlignedBuffer<float> old, int rows, int columns)
    {
        old.Dispose();
        _buffers.Remove(old);
        var buffer = new AlignedBuffer<float>((long)rows * columns);
        _buffers.Add(buffer);
        return buffer;
    }
}
