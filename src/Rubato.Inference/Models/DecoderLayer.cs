using Rubato.Kernels.MatrixProducts;

namespace Rubato.Inference.Models;

/// <summary>The weights of one layer.</summary>
/// <param name="AttentionNorm">Scale of the norm before attention, [embedding].</param>
/// <param name="QueryKeyValue">Three matrices: [heads · head length, embedding], then keys and values [kv heads · head length, embedding].</param>
/// <param name="AttentionOutput">[embedding, heads · head length].</param>
/// <param name="FeedForwardNorm">Scale of the norm before the feed-forward part, [embedding].</param>
/// <param name="GateUp">Two matrices [feed-forward, embedding].</param>
/// <param name="Down">[embedding, feed-forward].</param>
internal sealed record DecoderLayer(
    float[] AttentionNorm,
    WeightMatrix[] QueryKeyValue,
    WeightMatrix AttentionOutput,
    float[] FeedForwardNorm,
    WeightMatrix[] GateUp,
    WeightMatrix Down)
{
    /// <summary>All matrices.</summary>
    public IEnumerable<WeightMatrix> Matrices => [.. QueryKeyValue, AttentionOutput, .. GateUp, Down];
}
