using static TorchSharp.torch;

namespace Rubato.Torch.Llama;

/// <summary>Rotary position embedding on neighbours: elements (2i, 2i+1) of a head turn by position × base^(−2i ÷ head size).</summary>
/// <remarks>Source: Su et al., "RoFormer", 2021; the pairing is that of GGUF files of architecture "llama".</remarks>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _rotations;

    /// <summary>Tabulates the rotations of positions 0 … <paramref name="positions"/> − 1, as complex numbers.</summary>
    public RotaryEmbedding(long positions, long headSize, double frequencyBase)
    {
        using var scope = NewDisposeScope();
        var frequencies = tensor([.. Enumerable.Range(0, (int)(headSize / 2)).Select(i => Math.Pow(frequencyBase, -2.0 * i / headSize))]);
        var angles = outer(tensor([.. Enumerable.Range(0, (int)positions).Select(position => (double)position)]), frequencies);
        _rotations = complex(angles.cos().to(ScalarType.Float32), angles.sin().to(ScalarType.Float32))
            .unsqueeze(1).contiguous().DetachFromDisposeScope();
    }

    /// <summary>Turns every head of <paramref name="heads"/>, shape [batch, sequence, heads, head size], starting at position 0.</summary>
    public Tensor Apply(Tensor heads)
    {
        var (batch, sequence, count, size) = (heads.shape[0], heads.shape[1], heads.shape[2], heads.shape[3]);
        var pairs = heads.view(batch, sequence, count, size / 2, 2).view_as_complex();
        return (pairs * _rotations.narrow(0, 0, sequence)).view_as_real().view(batch, sequence, count, size);
    }

    /// <inheritdoc/>
    public void Dispose() => _rotations.Dispose();
}
