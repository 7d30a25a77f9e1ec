using System.IO.Compression;
using Rubato.Core;
using SharpCompress.Compressors.Xz;

namespace Rubato.Models.DataSets;

/// <summary>Undoes gzip and xz, which it tells by their first bytes; anything else passes unchanged.</summary>
internal static class Decompression
{
    private const int ChunkBytes = 1 << 16;

    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B];

    private static ReadOnlySpan<byte> Xz => [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    /// <summary>The plain content of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">A whole file.</param>
    /// <param name="mostBytes">More plain bytes than these are refused, so that a small file cannot fill the memory.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">The compressed data are damaged or too large.</exception>
    public static byte[] Plain(byte[] bytes, int mostBytes, string name)
    {
        var start = bytes.AsSpan();
        if (!start.StartsWith(Gzip) && !start.StartsWith(Xz))
        {
            return bytes;
        }

        try
        {
            using var packed = new MemoryStream(bytes);
            using Stream plain = start.StartsWith(Gzip) ? new GZipStream(packed, CompressionMode.Decompress) : new XZStream(packed);
            return ReadAll(plain, mostBytes, name);
        }
        catch (Exception e) when (e is not (RubatoException or OutOfMemoryException))
        {
            // The decoders answer damage with exceptions of many types.
            throw new InvalidFormatException($"{name}: its compressed data are damaged.", e);
        }
    }

    private static byte[] ReadAll(Stream stream, int mostBytes, string name)
    {
        using var all = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            if (all.Length + read > mostBytes)
            {
                throw new InvalidFormatException($"{name}: holds more than {mostBytes} bytes.");
            }

            all.Write(chunk, 0, read);
        }

        return all.ToArray();
    }
}
