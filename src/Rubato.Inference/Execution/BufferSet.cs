using Rubato.Kernels.Memory;

namespace Rubato.Inference.Execution;

/// <summary>Buffers that grow by being replaced, and are freed together.</summary>
internal sealed class BufferSet : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <summary>Frees <paramref name="buffer"/> and puts one of <paramref name="length"/> numbers in its place; the numbers are lost.</summary>
    public void Replace(ref AlignedBuffer<float> buffer, long length)
    {
        buffer.Dispose();
        _buffers.Remove(buffer);
        buffer = new(length);
        _buffers.Add(buffer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }
}
