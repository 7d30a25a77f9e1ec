using System.Security.Cryptography;
using Rubato.Core;

namespace Rubato.Torch.Checkpoints;

/// <summary>The checksum that a checkpoint carries in its header: SHA-256 of the header without it and of all data behind it.</summary>
internal static class CheckpointChecksum
{
    private const string Key = "sha256";
    private const int BufferBytes = 1 << 18;

    /// <summary>The header with the checksum added.</summary>
    /// <param name="header">The header without one.</param>
    /// <param name="appendData">Feeds the hash with the data that the header describes.</param>
    public static SafetensorsHeader Seal(SafetensorsHeader header, Action<IncrementalHash> appendData)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header.ToBytes());
        appendData(hash);
        return header with { Metadata = header.Metadata.SetItem(Key, Convert.ToHexStringLower(hash.GetHashAndReset())) };
    }

    /// <summary>Reads the header and proves that it and all data are as they were written; the stream then stands at the data.</summary>
    /// <exception cref="InvalidFormatException">The file is no checkpoint, is cut short, or any byte of it has changed.</exception>
    public static SafetensorsHeader Verify(Stream stream, string name)
    {
        var header = SafetensorsHeader.Read(stream, name);
        if (!header.Metadata.TryGetValue(Key, out var expected))
        {
            throw new InvalidFormatException($"{name}: holds no checksum; it is damaged or was not written as a checkpoint.");
        }

        var data = stream.Position;
        var found = Seal(header with { Metadata = header.Metadata.Remove(Key) }, hash => Append(hash, stream)).Metadata[Key];
        if (expected != found)
        {
            throw new InvalidFormatException($"{name}: does not match its checksum; the file is damaged and nothing of it was used.");
        }

        stream.Position = data;
        return header;
    }

    private static void Append(IncrementalHash hash, Stream stream)
    {
        var buffer = new byte[BufferBytes];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }
    }
}
