using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.Activations;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Rows;
using Rubato.Kernels.Threading;
using Rubato.Models;
using Rubato.Models.Architectures;

namespace Rubato.Inference.Experts;

/// <summary>
/// A layer of experts over all rows of a pass: the rows of each expert are gathered, so that its weights are read once, and the
/// results are added to the rows in the order of the row's own choice. The bits of a row do not depend on the other rows.
/// </summary>
internal sealed class ExpertPass : IDisposable
{
    private readonly ExpertConfiguration _experts;
    private readonly GateActivation _activation;
    private readonly int _embedding;
    private readonly WorkerGang _gang;
    private readonly ExpertRouting _routing;
    private readonly BufferSet _buffers = new();
    private int[] _everyRow = [];
    private int _rowsMax;
    private AlignedBuffer<float> _logits = new(0);
    private AlignedBuffer<float> _gathered = new(0);
    private AlignedBuffer<float> _gateUp = new(0);
    private AlignedBuffer<float> _gated = new(0);
    private AlignedBuffer<float> _outputs = new(0);
    private AlignedBuffer<float> _sharedGates = new(0);

    public ExpertPass(ModelConfiguration configuration, ExpertConfiguration experts, WorkerGang gang)
    {
        _experts = experts;
        _activation = configuration.Architecture.Activation;
        _embedding = configuration.EmbeddingLength;
        _gang = gang;
        _routing = new(experts.Count, experts.UsedCount, experts.NormalizesWeights, experts.WeightScale);
    }

    /// <summary>Makes room for a pass of so many rows.</summary>
    public void Reserve(int rows)
    {
        if (rows <= _rowsMax)
        {
            return;
        }

        _rowsMax = rows;
        var pairs = rows * _experts.UsedCount;
        var inner = Math.Max((long)pairs * _experts.FeedForwardLength, (long)rows * _experts.SharedFeedForwardLength);
        _buffers.Replace(ref _logits, (long)rows * _experts.Count);
        _buffers.Replace(ref _gathered, (long)pairs * _embedding);
        _buffers.Replace(ref _gateUp, 2 * inner);
        _buffers.Replace(ref _gated, inner);
        _buffers.Replace(ref _outputs, (long)pairs * _embedding);
        _buffers.Replace(ref _sharedGates, rows);
        _everyRow = [.. Enumerable.Range(0, rows)];
    }

    /// <summary>target += what the experts make of <paramref name="x"/>, both [rows, embedding].</summary>
    public void Add(ExpertWeights weights, ReadOnlySpan<float> x, int rows, Span<float> target)
    {
        Reserve(rows);
        var logits = _logits.Span[..(rows * _experts.Count)];
        MatrixProduct.Multiply(_gang, x, rows, weights.Router, logits);
        _routing.Choose(logits, rows);
        Gather(x);
        for (var expert = 0; expert < _experts.Count; expert++)
        {
            var (start, count) = _routing.SlotsOf(expert).GetOffsetAndLength(rows * _experts.UsedCount);
            if (count > 0)
            {
                var range = (start * _embedding)..((start + count) * _embedding);
                Run(weights.Experts[expert], _gathered.Span[range], count, _experts.FeedForwardLength, _outputs.Span[range]);
            }
        }

        RowSum.AddWeighted(_gang, target, rows, _embedding, _outputs.Span, _routing.Slots, _routing.Weights);
        if (weights is { Shared: { } shared, SharedRouter: { } router })
        {
            AddShared(shared, router, x, rows, target);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private void AddShared(FeedForwardWeights shared, WeightMatrix router, ReadOnlySpan<float> x, int rows, Span<float> target)
    {
        var gates = _sharedGates.Span[..rows];
        MatrixProduct.Multiply(_gang, x, rows, router, gates);
        foreach (ref var gate in gates)
        {
            gate = 1 / (1 + MathF.Exp(-gate));
        }

        Run(shared, x, rows, _experts.SharedFeedForwardLength, _outputs.Span);
        RowSum.AddWeighted(_gang, target, rows, _embedding, _outputs.Span, _everyRow.AsSpan(0, rows), gates);
    }

    private void Run(FeedForwardWeights weights, ReadOnlySpan<float> x, int rows, int inner, Span<float> y)
    {
        MatrixProduct.Multiply(_gang, x, rows, weights.GateUp, _gateUp.Span);
        GatedProduct.Apply(_gang, _activation, _gateUp.Span, rows, inner, _gated.Span);
        MatrixProduct.Multiply(_gang, _gated.Span, rows, weights.Down, y);
    }

    private void Gather(ReadOnlySpan<float> x)
    {
        var rowOfSlot = _routing.RowOfSlot;
        var gathered = _gathered.Span;
        for (var slot = 0; slot < rowOfSlot.Length; slot++)
        {
            x.Slice(rowOfSlot[slot] * _embedding, _embedding).CopyTo(gathered[(slot * _embedding)..]);
        }
    }
}
