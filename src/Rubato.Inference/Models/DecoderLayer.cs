using Rubato.Kernels.MatrixProducts;

namespace Rubato.Inference.Models;

/// <summary>The weights of one layer. What the architecture or the file does not have is null.</summary>
internal sealed record DecoderLayer
{
    /// <summary>Scale of the norm before attention, [embedding].</summary>
    public required float[] AttentionNorm { get; init; }

    /// <summary>
    /// Three matrices, [heads · head length, embedding], then keys and values [kv heads · head length, embedding]; or one that holds
    /// their rows.
    /// </summary>
    public required WeightMatrix[] QueryKeyValue { get; init; }

    /// <summary>Biases of queries, keys and values side by side.</summary>
    public required float[]? QueryKeyValueBias { get; init; }

    /// <summary>Scale of the norm of each query head, [head length].</summary>
    public required float[]? QueryNorm { get; init; }

    /// <summary>Scale of the norm of each key head, [head length].</summary>
    public required float[]? KeyNorm { get; init; }

    /// <summary>[embedding, heads · head length].</summary>
    public required WeightMatrix AttentionOutput { get; init; }

    /// <summary>Bias of the attention's output, [embedding].</summary>
    public required float[]? AttentionOutputBias { get; init; }

    /// <summary>Scale of the norm of the attention's output, [embedding].</summary>
    public required float[]? AttentionOutputNorm { get; init; }

    /// <summary>Scale of the norm before the feed-forward part, [embedding].</summary>
    public required float[] FeedForwardNorm { get; init; }

    /// <summary>The feed-forward part without experts.</summary>
    public required FeedForwardWeights? FeedForward { get; init; }

    /// <summary>The experts in its place.</summary>
    public required ExpertWeights? Experts { get; init; }

    /// <summary>Scale of the norm of the feed-forward output, [embedding].</summary>
    public required float[]? FeedForwardOutputNorm { get; init; }

    /// <summary>The matrices that one token is multiplied by.</summary>
    public IEnumerable<WeightMatrix> MatricesOfToken =>
        [.. QueryKeyValue, AttentionOutput, .. FeedForward?.Matrices ?? [], .. Experts?.MatricesOfToken ?? []];
}

/// <summary>The weights of one gated feed-forward layer, or of one expert.</summary>
/// <param name="GateUp">Two matrices [inner, embedding], or one that holds the rows of both.</param>
/// <param name="GateUpBias">Biases of gates and values side by side, or null.</param>
/// <param name="Down">[embedding, inner].</param>
/// <param name="DownBias">[embedding], or null.</param>
internal sealed record FeedForwardWeights(WeightMatrix[] GateUp, float[]? GateUpBias, WeightMatrix Down, float[]? DownBias)
{
    /// <summary>All matrices.</summary>
    public IEnumerable<WeightMatrix> Matrices => [.. GateUp, Down];
}

/// <summary>The weights of a layer of experts.</summary>
/// <param name="Router">[experts, embedding].</param>
/// <param name="Experts">Each expert.</param>
/// <param name="UsedCount">Experts that work for a token.</param>
/// <param name="SharedRouter">[1, embedding], or null without a shared expert.</param>
/// <param name="Shared">The expert that works for every token, or null.</param>
internal sealed record ExpertWeights(
    WeightMatrix Router, FeedForwardWeights[] Experts, int UsedCount, WeightMatrix? SharedRouter, FeedForwardWeights? Shared)
{
    /// <summary>As many matrices as one token is multiplied by; all experts have the same shapes.</summary>
    public IEnumerable<WeightMatrix> MatricesOfToken =>
    [
        Router, .. Experts.Take(UsedCount).SelectMany(expert => expert.Matrices), .. SharedRouter is null ? [] : new[] { SharedRouter },
        .. Shared?.Matrices ?? [],
    ];
}
