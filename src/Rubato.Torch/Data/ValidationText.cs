using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Tokenizers;
using Rubato.Torch.Llama;
using static TorchSharp.torch;

namespace Rubato.Torch.Data;

/// <summary>Held-out text and the measurement of a model on it: every token is predicted once, from those before it in its row.</summary>
public sealed class ValidationText
{
    private readonly TokenSequence _text;
    private readonly ImmutableArray<int> _byteCounts;
    private readonly TokenBatch _batch;
    private readonly int _rowsPerBatch;
    private readonly int _sequence;

    /// <summary>Prepares the rows.</summary>
    /// <param name="text">The held-out tokens, beginning with a separator.</param>
    /// <param name="tokenizer">Tells how many bytes a token stands for.</param>
    /// <param name="sequence">Tokens per row.</param>
    /// <param name="rowsPerBatch">Rows per forward pass.</param>
    /// <exception cref="InvalidOptionException">The text is shorter than one row.</exception>
    public ValidationText(TokenSequence text, ITokenizer tokenizer, int sequence, int rowsPerBatch)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _text = text;
        _sequence = sequence;
        _byteCounts = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(token => tokenizer.TokenBytes(token).Length)];
        RowCount = (text.Tokens.Length - 1) / sequence;
        if (RowCount < 1)
        {
            throw new InvalidOptionException(
                $"The validation text has {text.Tokens.Length} tokens, fewer than one row of {sequence}; "
                + "give more text or a smaller --sequence.");
        }

        _rowsPerBatch = Math.Min(rowsPerBatch, RowCount);
        _batch = new(_rowsPerBatch, sequence);
    }

    /// <summary>Number of whole rows.</summary>
    public int RowCount { get; }

    /// <summary>Measures <paramref name="model"/> on the first <paramref name="maximumRows"/> rows, in whole batches.</summary>
    public ValidationResult Measure(LlamaModule model, int maximumRows = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var unrecorded = no_grad();
        double nats = 0;
        long tokens = 0, bytes = 0;
        for (var first = 0; first + _rowsPerBatch <= Math.Min(RowCount, Math.Max(maximumRows, _rowsPerBatch)); first += _rowsPerBatch)
        {
            using var scope = NewDisposeScope();
            for (var row = 0; row < _rowsPerBatch; row++)
            {
                var (rowInputs, rowTargets) = _batch.Row(row);
                _text.Read((first + row) * _sequence, rowInputs.Span, rowTargets.Span);
            }

            var (inputs, targets) = _batch.ToTensors();
            nats += model.Loss(inputs, targets).item<float>();
            tokens += _batch.Counted;
            foreach (var target in _batch.Targets)
            {
                bytes += target == TokenSequence.Ignored ? 0 : _byteCounts[(int)target];
            }
        }

        return new(nats / Math.Max(tokens, 1), nats / Math.Log(2) / Math.Max(bytes, 1), tokens, bytes);
    }
}

/// <summary>How well a model predicts held-out text.</summary>
/// <param name="Loss">Nats per token.</param>
/// <param name="BitsPerByte">Bits per UTF-8 byte of text; predicting separators costs bits and counts no bytes.</param>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="Bytes">Bytes that they stand for.</param>
public readonly record struct ValidationResult(double Loss, double BitsPerByte, long Tokens, long Bytes);
