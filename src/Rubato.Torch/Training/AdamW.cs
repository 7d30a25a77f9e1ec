using System.Collections.Immutable;
using Rubato.Torch.Llama;
using TorchSharp;
using static TorchSharp.torch;

namespace Rubato.Torch.Training;

/// <summary>AdamW on flat parameters: Adam with bias correction, and weight decay of the matrices apart from the gradient.</summary>
/// <remarks>
/// Works through the flat tensors in segments that stay in the cache. Source: Loshchilov and Hutter, "Decoupled weight decay
/// regularization", 2019.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private const long SegmentLength = 1 << 17;
    private readonly AdamWOptions _options;
    private readonly ImmutableArray<Segment> _segments;

    public AdamW(FlatParameters parameters, AdamWOptions options)
    {
        _options = options;
        FirstMoment = zeros_like(parameters.Values).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameters.Values).DetachFromDisposeScope();
        var matrices = parameters.MatrixCount;
        _segments = [.. Segments(0, matrices, decays: true), .. Segments(matrices, parameters.Count, decays: false)];

        IEnumerable<Segment> Segments(long start, long end, bool decays)
        {
            for (; start < end; start += SegmentLength)
            {
                var length = Math.Min(SegmentLength, end - start);
                yield return new(Part(parameters.Values), Part(parameters.Gradients), Part(FirstMoment), Part(SecondMoment), decays);

                Tensor Part(Tensor flat) => flat.narrow(0, start, length).DetachFromDisposeScope();
            }
        }
    }

    /// <summary>Running mean of the gradients.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Running mean of the squared gradients.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>One update of the weights from the gradients.</summary>
    /// <param name="step">Number of this update, from 1.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="gradientScale">Factor on the gradients (of clipping).</param>
    /// <param name="momentum">β₁ of this update, where it is scheduled. The bias correction takes it for that of all updates, as PyTorch's does.</param>
    /// <param name="weightDecay">Weight decay of this update, where it is scheduled.</param>
    public void Step(long step, double rate, double gradientScale, double? momentum = null, double? weightDecay = null)
    {
        using var unrecorded = no_grad();
        var (beta1, beta2) = (momentum ?? _options.Beta1, _options.Beta2);
        // Scalars that live to the end of the method: docs/decisions/0006.
        using Scalar keepFirst = beta1, addFirst = (1 - beta1) * gradientScale;
        using Scalar keepSecond = beta2, addSecond = (1 - beta2) * gradientScale * gradientScale;
        using Scalar correction = 1 / Math.Sqrt(1 - Math.Pow(beta2, step)), epsilon = _options.Epsilon;
        using Scalar decay = 1 - rate * (weightDecay ?? _options.WeightDecay), stepSize = -rate / (1 - Math.Pow(beta1, step));
        foreach (var (values, gradients, first, second, decays) in _segments)
        {
            using var scope = NewDisposeScope();
            first.mul_(keepFirst).add_(gradients, alpha: addFirst);
            second.mul_(keepSecond).addcmul_(gradients, gradients, addSecond);
            var denominator = second.sqrt().mul_(correction).add_(epsilon, Scalars.One);
            if (decays)
            {
                values.mul_(decay);
            }

            values.addcdiv_(first, denominator, stepSize);
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segment.Values.Dispose();
            segment.Gradients.Dispose();
            segment.First.Dispose();
            segment.Second.Dispose();
        }

        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }

    private readonly record struct Segment(Tensor Values, Tensor Gradients, Tensor First, Tensor Second, bool Decays);
}
