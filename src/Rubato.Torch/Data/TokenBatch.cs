using static TorchSharp.torch;

namespace Rubato.Torch.Data;

/// <summary>Buffers that turn rows into the two tensors of a batch.</summary>
internal sealed class TokenBatch(int rows, int sequence)
{
    private readonly long[] _inputs = new long[rows * sequence];
    private readonly long[] _targets = new long[rows * sequence];

    /// <summary>Reads the rows from <paramref name="first"/> on and returns how many targets count.</summary>
    public long Read(ITrainingRows source, long first)
    {
        for (var i = 0; i < rows; i++)
        {
            source.Read(first + i, _inputs.AsSpan(i * sequence, sequence), _targets.AsSpan(i * sequence, sequence));
        }

        return Counted;
    }

    /// <summary>The buffers' token ids of one row, for a reader of its own.</summary>
    public (Memory<long> Inputs, Memory<long> Targets) Row(int row) =>
        (_inputs.AsMemory(row * sequence, sequence), _targets.AsMemory(row * sequence, sequence));

    /// <summary>Target ids of the batch, row after row.</summary>
    public ReadOnlySpan<long> Targets => _targets;

    /// <summary>How many targets count.</summary>
    public long Counted => _targets.Length - _targets.AsSpan().Count(TokenSequence.Ignored);

    /// <summary>Copies of the buffers as tensors of shape [rows, sequence].</summary>
    public (Tensor Inputs, Tensor Targets) ToTensors() =>
        (tensor(_inputs, [rows, sequence]), tensor(_targets, [rows, sequence]));
}
