namespace Rubato.Torch.Tests.Checkpoints;

/// <summary>Passes writes on; what derives from it lets them go wrong.</summary>
internal abstract class FaultyStream(Stream inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    protected Stream Inner => inner;

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public abstract override void Write(ReadOnlySpan<byte> buffer);
}

/// <summary>Holds <paramref name="room"/> bytes; then <paramref name="full"/> happens, a full disk if it returns.</summary>
internal sealed class SmallDisk(Stream inner, long room, Action? full = null) : FaultyStream(inner)
{
    private long _left = room;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var fits = (int)Math.Min(buffer.Length, _left);
        Inner.Write(buffer[..fits]);
        _left -= fits;
        if (fits < buffer.Length)
        {
            full?.Invoke();
            throw new IOException("No space left on device");
        }
    }
}

/// <summary>Stores one bit wrong, that of byte <paramref name="place"/>, and says nothing.</summary>
internal sealed class LyingDisk(Stream inner, long place) : FaultyStream(inner)
{
    private long _written;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var copy = buffer.ToArray();
        if (place >= _written && place < _written + copy.Length)
        {
            copy[(int)(place - _written)] ^= 1;
        }

        Inner.Write(copy);
        _written += copy.Length;
    }
}
